// Small text functions that more than one folder needs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::base {

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

// The candidate that a mistyped word most likely meant, if one is near (edit distance at most a
// third of the longer one's length; two swapped neighbours are one edit). The first of several.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

bool is_valid_utf8(std::string_view bytes);
// What a terminal may be given on one line: control characters (line ends too), escape sequences
// and marks that turn the text's direction removed, a tab as one space, invalid UTF-8 as U+FFFD.
std::string printable(std::string_view bytes);
// Columns on a terminal: code points, wide ones counted twice, combining marks not at all.
std::size_t display_width(std::string_view utf8);
// At most `columns` wide, ending in "…" when something was cut.
std::string elide(std::string_view utf8, std::size_t columns);

}  // namespace pipeline::base
