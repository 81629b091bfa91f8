// Columns of text for a person: each as wide as its widest cell, the last one cut to the width that
// is left. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runner/cli/render/style.h"

namespace pipeline::render {

struct Cell {
  std::string text;  // one line, already safe to print
  Tint tint = Tint::none;
};

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }

  // Lines ending in a newline, without trailing blanks. `width` 0: never cut.
  std::string render(Color color, std::size_t width) const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

// `text` followed by blanks up to `columns`.
std::string pad(std::string text, std::size_t columns);

}  // namespace pipeline::render
