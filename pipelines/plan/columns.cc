#include "pipelines/plan/columns.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::plan {

std::string enumerate(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t used = base::display_width(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string in_columns(std::string_view head, std::size_t indent, std::string_view body) {
  const std::string margin(indent, ' ');
  std::string text;
  std::string line = padded(head, indent);
  if (base::display_width(line) > indent) {
    text = line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    line = margin;
  }
  bool is_empty = true;  // nothing of the body on this line yet
  for (const std::string& word : base::split(body, ' ')) {
    const std::size_t width = base::display_width(line) + 1 + base::display_width(word);
    if (!is_empty && width > kTerminalColumns) {
      text += line + "\n";
      line = margin;
      is_empty = true;
    }
    if (!is_empty) line += ' ';
    line += word;
    is_empty = false;
  }
  return text + line + "\n";
}

std::size_t common_width(const std::vector<std::string>& names, std::size_t most) {
  std::size_t width = 0;
  for (const std::string& name : names) width = std::max(width, base::display_width(name));
  return std::min(width, most);
}

}  // namespace pipeline::plan
