// The manual page pipeline(1) in the language of man(7), made from the grammar. Pure.
#pragma once

#include <string>

namespace pipeline::cli {

std::string manual_page();

}  // namespace pipeline::cli
