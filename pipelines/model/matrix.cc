#include "pipelines/model/matrix.h"

#include <algorithm>

namespace pipeline::model {

std::size_t product_size(const Matrix& matrix, std::size_t most) {
  if (matrix.axes.empty()) return 0;
  std::size_t size = 1;
  for (const MatrixAxis& axis : matrix.axes) {
    size *= axis.values.size();
    if (size > most) return most + 1;
  }
  return size;
}

const std::string* find_value(const MatrixCell& cell, std::string_view name) {
  const auto found = std::ranges::find(cell, name, &MatrixCell::value_type::first);
  return found == cell.end() ? nullptr : &found->second;
}

bool matches(const MatrixCell& cell, const MatrixCell& part) {
  return std::ranges::all_of(part, [&](const auto& wanted) {
    const std::string* value = find_value(cell, wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

std::vector<MatrixCell> cells_of(const Matrix& matrix) {
  std::vector<MatrixCell> cells;
  if (!matrix.axes.empty()) cells.emplace_back();
  for (const MatrixAxis& axis : matrix.axes) {
    std::vector<MatrixCell> longer;
    longer.reserve(cells.size() * axis.values.size());
    for (const MatrixCell& cell : cells) {
      for (const std::string& value : axis.values) {
        longer.push_back(cell);
        longer.back().emplace_back(axis.name, value);
      }
    }
    cells = std::move(longer);
  }
  std::erase_if(cells, [&](const MatrixCell& cell) {
    return std::ranges::any_of(matrix.exclude,
                               [&](const MatrixCell& part) { return matches(cell, part); });
  });
  cells.insert(cells.end(), matrix.include.begin(), matrix.include.end());
  return cells;
}

std::string to_string(const MatrixCell& cell) {
  std::string text;
  for (const auto& [name, value] : cell) {
    if (!text.empty()) text += ',';
    text += name;
    text += '=';
    text += value;
  }
  return text;
}

}  // namespace pipeline::model
