// A terminal for tests: understands exactly what LiveRegion writes (text, newline, carriage return,
// cursor up, erase to end of line, erase below, colours ignored) and fails the test on anything
// else.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runner/cli/render/reporter.h"

namespace pipeline::render {

class Screen {
 public:
  explicit Screen(ScreenSize size) : size_(size), rows_(1) {}

  void write(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\x1b') {
        i = escape(bytes, i);
      } else if (bytes[i] == '\n') {
        line_feed();
        column_ = 0;
      } else if (bytes[i] == '\r') {
        column_ = 0;
      } else {
        put(bytes, i);
      }
    }
  }

  // Everything that was ever visible, oldest first, the scrolled part included.
  std::string text() const {
    std::string all;
    for (const auto& row : rows_) {
      std::string line;
      for (const std::string& cell : row) line += cell.empty() ? " " : cell;
      while (line.ends_with(' ')) line.pop_back();
      all += line + "\n";
    }
    return all;
  }
  std::size_t cursor_column() const { return column_; }

 private:
  void line_feed() {
    ++row_;
    if (row_ == rows_.size()) rows_.emplace_back();
  }

  void put(std::string_view bytes, std::size_t& i) {
    std::size_t length = 1;
    while (i + length < bytes.size() &&
           (static_cast<unsigned char>(bytes[i + length]) & 0xC0U) == 0x80U) {
      ++length;
    }
    if (column_ == size_.columns) {
      line_feed();
      column_ = 0;
    }
    auto& row = rows_[row_];
    if (row.size() <= column_) row.resize(column_ + 1);
    row[column_++] = std::string(bytes.substr(i, length));
    i += length - 1;
  }

  std::size_t escape(std::string_view bytes, std::size_t i) {
    std::size_t end = i + 2;
    while (end < bytes.size() && (bytes[end] < '@' || bytes[end] > '~')) ++end;
    const std::string argument(bytes.substr(i + 2, end - i - 2));
    switch (bytes[end]) {
      case 'A': {
        const std::size_t up = std::stoul(argument);
        const std::size_t top = rows_.size() > size_.rows ? rows_.size() - size_.rows : 0;
        EXPECT_GE(row_, top + up) << "the cursor would leave the screen";
        row_ = row_ >= up ? row_ - up : 0;
        break;
      }
      case 'K':
        if (rows_[row_].size() > column_) rows_[row_].resize(column_);
        break;
      case 'J':
        if (rows_[row_].size() > column_) rows_[row_].resize(column_);
        rows_.resize(row_ + 1);
        break;
      case 'm':
        break;
      default:
        ADD_FAILURE() << "unknown escape sequence ending in " << bytes[end];
    }
    return end;
  }

  ScreenSize size_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

}  // namespace pipeline::render
