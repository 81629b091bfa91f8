// By which name the user of this machine is told of.
#pragma once

#include <string>

namespace pipeline::cli {

// "uid 1000" when the machine knows none.
std::string user_name();

}  // namespace pipeline::cli
