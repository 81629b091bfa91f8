#include "runner/cli/render/live_region.h"

#include "pipelines/base/text.h"

namespace pipeline::render {

namespace {

constexpr std::string_view kEraseRestOfLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";

// Width without the colour sequences this program writes (ESC [ … m).
std::size_t visible_width(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else {
      plain += text[i];
    }
  }
  return base::display_width(plain);
}

// Terminals fold lines anew when they become narrower: a line that took one row then takes more.
std::size_t rows_of(const std::vector<std::size_t>& widths, std::size_t columns) {
  std::size_t rows = 0;
  for (const std::size_t width : widths) {
    rows += columns == 0 || width == 0 ? 1 : (width + columns - 1) / columns;
  }
  return rows;
}

}  // namespace

std::string LiveRegion::paint(const std::vector<std::string>& scrolled,
                              const std::vector<std::string>& lines, ScreenSize size) {
  std::string bytes;
  if (const std::size_t rows = rows_of(painted_, size.columns); rows > 0) {
    bytes += "\r\x1b[" + std::to_string(rows) + "A";
  }
  for (const auto* group : {&scrolled, &lines}) {
    for (const std::string& line : *group) bytes.append(line).append(kEraseRestOfLine) += "\n";
  }
  if (!painted_.empty()) bytes += kEraseBelow;
  painted_.clear();
  for (const std::string& line : lines) painted_.push_back(visible_width(line));
  return bytes;
}

}  // namespace pipeline::render
