#include "pipelines/config/toml_sections.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "pipelines/base/text.h"

namespace pipeline::config {

namespace {

// "[a.b]" or "[[a]]" alone on its line; a list such as "[1, 2]," is not.
bool is_header(std::string_view line) {
  line = base::trim(line.substr(0, line.find('#')));
  return line.starts_with('[') && line.ends_with(']') &&
         line.find_first_of(",={") == std::string_view::npos;
}

}  // namespace

bool blank_section(std::string& text, std::uint32_t line) {
  const std::vector<std::string> lines = base::split(text, '\n');
  if (line < 1 || line > lines.size()) return false;
  const std::size_t at = line - 1;
  // An opened header is one too, even when it is not closed.
  if (base::trim(lines[at]).starts_with('[')) return false;
  std::size_t first = at;
  while (first > 0 && !is_header(lines[first - 1])) --first;
  std::size_t end = at + 1;
  while (end < lines.size() && !is_header(lines[end])) ++end;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (i >= first)
      std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(offset), lines[i].size(), ' ');
    offset += lines[i].size() + 1;
  }
  return true;
}

}  // namespace pipeline::config
