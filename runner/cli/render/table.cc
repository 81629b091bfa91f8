#include "runner/cli/render/table.h"

#include "pipelines/base/text.h"

namespace pipeline::render {

namespace {

constexpr std::size_t kGap = 2;
// Below this the last column says nothing any more; a narrower terminal wraps instead.
constexpr std::size_t kNarrowest = 8;

std::size_t last_filled(const std::vector<Cell>& row) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!row[i].text.empty()) last = i;
  }
  return last;
}

std::string line_of(const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                    Color color, std::size_t room_for_last) {
  std::string line;
  const std::size_t last = last_filled(row);
  for (std::size_t i = 0; i <= last && i < row.size(); ++i) {
    std::string text = row[i].text;
    if (i + 1 == widths.size() && room_for_last > 0) text = base::elide(text, room_for_last);
    line += paint(text, row[i].tint, color);
    if (i < last) line.append(widths[i] - base::display_width(text) + kGap, ' ');
  }
  return line + "\n";
}

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  widths.reserve(headings_.size());
  for (const std::string& heading : headings_) widths.push_back(base::display_width(heading));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], base::display_width(row[i].text));
    }
  }
  return widths;
}

std::string Table::render(Color color, std::size_t width) const {
  const std::vector<std::size_t> columns = widths();
  std::size_t before_last = 0;
  for (std::size_t i = 0; i + 1 < columns.size(); ++i) before_last += columns[i] + kGap;
  const std::size_t room =
      width == 0 ? 0 : std::max(kNarrowest, width > before_last ? width - before_last : 0);

  std::vector<Cell> head;
  head.reserve(headings_.size());
  for (const std::string& heading : headings_) head.push_back({heading, Tint::dim});
  std::string text = line_of(head, columns, color, room);
  for (const auto& row : rows_) text += line_of(row, columns, color, room);
  return text;
}

std::string pad(std::string text, std::size_t columns) {
  const std::size_t width = base::display_width(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

}  // namespace pipeline::render
