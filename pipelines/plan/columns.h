// Text in columns for `pipeline plan` and `pipeline graph`: a head of fixed width and a body that
// is wrapped below itself. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipeline::plan {

inline constexpr std::size_t kTerminalColumns = 80;

// "a", "a and b", "a, b and c".
std::string enumerate(const std::vector<std::string>& words);

// `head` padded to `indent` columns, then `body` wrapped to the terminal, further lines indented.
// A head that is too wide pushes the body on to the next line. Ends with a newline.
std::string in_columns(std::string_view head, std::size_t indent, std::string_view body);

// The width of the widest, but at most `most`.
std::size_t common_width(const std::vector<std::string>& names, std::size_t most);

std::string padded(std::string_view text, std::size_t width);

}  // namespace pipeline::plan
