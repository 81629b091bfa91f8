// Refuses the bytes that the TOML library cannot bear: it overflows the stack on very long dotted
// keys and deep nesting, and has undefined behaviour (or asserts, depending on how it was built) on
// non-ASCII bare keys, headers without a name, keys without a value and some stray brackets. All
// measured with toml++ 3.3.
//
// A small lexer tells strings and comments from the rest. It need only be right up to the first
// syntax error, because the library stops there.
#pragma once

#include <string_view>

#include "pipelines/config/problems.h"

namespace pipeline::config {

inline constexpr std::size_t kLargestFile = std::size_t{1} << 20U;
inline constexpr int kMostDotsOutsideStrings = 64;  // on one line
inline constexpr std::size_t kDeepestNesting = 32;  // of brackets

// Whether the text may be given to the library. Reports the first reason why not.
bool guard_toml(std::string_view text, Problems& problems);

}  // namespace pipeline::config
