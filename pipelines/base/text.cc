#include "pipelines/base/text.h"

#include <array>

#include "pipelines/base/utf8.h"

namespace pipeline::base {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t Count>
bool is_in(char32_t value, const std::array<Range, Count>& ranges) {
  return std::ranges::any_of(
      ranges, [value](Range range) { return value >= range.first && value <= range.last; });
}

// East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, adjoining blocks joined.
constexpr std::array<Range, 14> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1F64F},
                                          {0x1F680, 0x1F9FF},
                                          {0x20000, 0x3FFFD}}};
// Combining marks and joiners, drawn over their neighbour.
constexpr std::array<Range, 7> kZeroWidth = {{{0x0300, 0x036F},
                                              {0x1AB0, 0x1AFF},
                                              {0x1DC0, 0x1DFF},
                                              {0x200B, 0x200D},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F},
                                              {0xFE20, 0xFE2F}}};
// C0, DEL and C1 controls, and the marks that turn the direction of the text after them: with those
// a log line could show a command that it does not contain.
constexpr std::array<Range, 6> kUnprintable = {{{0x00, 0x1F},
                                                {0x7F, 0x9F},
                                                {0x200E, 0x200F},
                                                {0x2028, 0x202E},
                                                {0x2066, 0x2069},
                                                {0xFEFF, 0xFEFF}}};

std::size_t width_of(char32_t value) {
  if (is_in(value, kZeroWidth)) return 0;
  return is_in(value, kWide) ? 2 : 1;
}

// Optimal string alignment: a swap of neighbours counts as one edit. Only the last three rows of
// the table are kept.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> two_above(to.size() + 1);
  std::vector<std::size_t> above(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    two_above.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      const bool swapped =
          i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] && change == 1;
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return row[to.size()];
}

std::size_t count_in(std::string_view text, char first, char last) {
  const auto end = std::ranges::find_if_not(text, [=](char c) { return c >= first && c <= last; });
  return static_cast<std::size_t>(end - text.begin());
}

// ECMA-48 strings (OSC, DCS, SOS, PM, APC) last until BEL or ESC \; an unfinished one swallows the
// rest.
std::size_t control_string_length(std::string_view text) {
  const auto end = text.find_first_of("\a\x1B", 2);
  if (end == std::string_view::npos) return text.size();
  const bool terminated_by_escape = text[end] == '\x1B' && text.substr(end + 1).starts_with('\\');
  if (text[end] == '\x1B' && !terminated_by_escape) return end;
  return end + (terminated_by_escape ? 2 : 1);
}

// Of the escape sequence that `text` starts with, by the grammar of ECMA-48.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return 1;
  if (std::string_view("]PX^_").find(text[1]) != std::string_view::npos) {
    return control_string_length(text);
  }
  std::size_t length = 1;
  if (text[1] == '[') {
    ++length;
    length += count_in(text.substr(length), '\x30', '\x3F');  // parameters
  }
  length += count_in(text.substr(length), '\x20', '\x2F');  // intermediates
  const bool has_final = length < text.size() && text[length] >= '\x30' && text[length] <= '\x7E';
  return length + (has_final ? 1 : 0);
}

}  // namespace

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) {
    if (&part != &parts.front()) text += separator;
    text += part;
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const auto& candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    const std::size_t shorter = std::min(word.size(), candidate.size());
    if (longer - shorter > longer / 3) continue;  // no need to look, and a huge word costs nothing
    const std::size_t distance = edit_distance(word, candidate);
    if (distance > longer / 3 || (best && distance >= best_distance)) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto point = decode_utf8(bytes);
    if (!point) return false;
    bytes.remove_prefix(point->length);
  }
  return true;
}

std::string printable(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    std::size_t consumed = 1;
    if (bytes.front() == '\x1B') {
      consumed = escape_length(bytes);
    } else if (bytes.front() == '\t') {
      text += ' ';
    } else if (const auto point = decode_utf8(bytes); !point) {
      text += kReplacement;
    } else {
      consumed = point->length;
      if (!is_in(point->value, kUnprintable)) text += bytes.substr(0, consumed);
    }
    bytes.remove_prefix(consumed);
  }
  return text;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const auto point = decode_utf8(utf8).value_or(CodePoint{0xFFFD, 1});
    width += width_of(point.value);
    utf8.remove_prefix(point.length);
  }
  return width;
}

std::string elide(std::string_view utf8, std::size_t columns) {
  if (display_width(utf8) <= columns) return std::string(utf8);
  if (columns == 0) return "";
  std::size_t width = 0;
  std::size_t end = 0;
  for (;;) {
    const auto point = decode_utf8(utf8.substr(end)).value_or(CodePoint{0xFFFD, 1});
    width += width_of(point.value);
    if (width > columns - 1) break;
    end += point.length;
  }
  return std::string(utf8.substr(0, end)) + "…";
}

}  // namespace pipeline::base
