// The overview that `pipeline --help` prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipeline::cli {

std::string overview();
std::string version_text();

}  // namespace pipeline::cli
