// A stage that runs once for each combination of some values: what its author wrote, and the
// combinations (cells) that it comes to. Plain values and pure functions, shared by validation and
// planning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipeline::model {

inline constexpr std::size_t kMostCells = 256;  // of one stage; more is refused

struct MatrixAxis {
  std::string name;
  std::vector<std::string> values;
};

// One combination, name → value, in the order in which its names are shown.
using MatrixCell = std::vector<std::pair<std::string, std::string>>;

struct Matrix {
  std::vector<MatrixAxis> axes;     // file order
  std::vector<MatrixCell> exclude;  // takes out every cell that has all of an entry's values
  std::vector<MatrixCell> include;  // whole cells, beside the product of the axes

  bool empty() const { return axes.empty() && include.empty(); }
};

// How many cells the axes alone make; at most `most` + 1, so that it cannot overflow.
std::size_t product_size(const Matrix& matrix, std::size_t most);
// Whether the cell has all values of `part`.
bool matches(const MatrixCell& cell, const MatrixCell& part);
// The product of the axes, the last axis varying fastest, less `exclude`, then `include`.
// REQUIRES: product_size() is small enough to be made.
std::vector<MatrixCell> cells_of(const Matrix& matrix);

// "database=postgres,os=linux".
std::string to_string(const MatrixCell& cell);
// The value of a name; null when the cell has none.
const std::string* find_value(const MatrixCell& cell, std::string_view name);

}  // namespace pipeline::model
