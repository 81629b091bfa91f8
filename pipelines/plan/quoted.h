// Words as sentences of this folder name them. Pure.
#pragma once

#include <string>
#include <vector>

namespace pipeline::plan {

// "\"a\", \"b\" or \"c\"".
std::string quoted(const std::vector<std::string>& words);

}  // namespace pipeline::plan
