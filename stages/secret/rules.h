// What a secret's value may be, whatever source it comes from. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::secret {

// Shorter values are no secrets: masked, every "on" or "42" of a log would vanish and say what the
// secret is; unmasked, they would stand there.
inline constexpr std::size_t kShortestSecret = 6;
// Every form of it is looked for in every byte of output, from memory.
inline constexpr std::size_t kLongestSecret = std::size_t{32} << 10U;

// ErrorKind::invalid says what is wrong with it, by the secret's name; a value is never part of a
// message.
base::Result<> check_value(std::string_view name, std::string_view value);

// As commands and people end a value: without its last line end, if it has one.
std::string_view without_line_end(std::string_view value);

}  // namespace pipeline::secret
