// `matrix`: axes whose names the author chooses, beside `include` and `exclude`.
#include <algorithm>
#include <set>

#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"
#include "pipelines/model/variable.h"

namespace pipeline::config {

namespace {

using model::Matrix;
using model::MatrixAxis;
using model::MatrixCell;

bool is_axis(const Entry& entry) {
  return entry.key != "include" && entry.key != "exclude";
}

bool read_axis(const Entry& entry, Matrix& matrix, Problems& problems) {
  static const auto name_type = variable();
  static const auto values_type = list_of(matrix_value(), Empty::refused);
  MatrixAxis axis;
  if (!name_type.read(Node{entry.key, entry.span}, axis.name, problems)) return false;
  if (!values_type.read(entry.value, axis.values, problems)) return false;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    if (seen.insert(axis.values[i]).second) continue;
    problems.error((*entry.value.list())[i].span, '"' + axis.values[i] + "\" is there twice");
    return false;
  }
  matrix.axes.push_back(std::move(axis));
  return true;
}

bool read_cell(const Node& node, MatrixCell& cell, Problems& problems) {
  static const auto name_type = variable();
  static const auto value_type = matrix_value();
  if (node.table() == nullptr || node.table()->empty()) {
    return report_wrong_type(node, "a table of values such as { database = \"sqlite\" }", problems);
  }
  bool good = true;
  for (const Entry& entry : *node.table()) {
    auto& [name, value] = cell.emplace_back();
    good = name_type.read(Node{entry.key, entry.span}, name, problems) && good;
    good = value_type.read(entry.value, value, problems) && good;
  }
  return good;
}

bool read_cells(const Node* node, std::vector<MatrixCell>& cells, Problems& problems) {
  if (node == nullptr) return true;
  if (node->list() == nullptr) return report_wrong_type(*node, "a list of tables", problems);
  bool good = true;
  for (const Node& item : *node->list()) {
    good = read_cell(item, cells.emplace_back(), problems) && good;
  }
  return good;
}

void check_excluded(const Node& node, const MatrixCell& part, const std::vector<MatrixCell>& cells,
                    const std::vector<std::string>& names, Problems& problems) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (std::ranges::find(names, part[i].first) != names.end()) continue;
    problems.error((*node.table())[i].span, "the matrix has no axis \"" + part[i].first + '"',
                   problems.did_you_mean(part[i].first, names));
    return;
  }
  const auto hit = [&](const MatrixCell& cell) { return model::matches(cell, part); };
  if (std::ranges::none_of(cells, hit)) {
    problems.error(node.span, "it excludes nothing: no cell has " + model::to_string(part));
  }
}

void check_exclude(const Node& node, const Matrix& matrix, Problems& problems) {
  const Matrix product{.axes = matrix.axes, .exclude = {}, .include = {}};
  const std::vector<MatrixCell> cells = model::cells_of(product);
  std::vector<std::string> names;
  for (const MatrixAxis& axis : matrix.axes) names.push_back(axis.name);
  const Node* excluded = node.find("exclude");
  for (std::size_t i = 0; i < matrix.exclude.size(); ++i) {
    check_excluded((*excluded->list())[i], matrix.exclude[i], cells, names, problems);
  }
}

void check_variables(const Node& node, const std::vector<MatrixCell>& cells, Problems& problems) {
  std::map<std::string, std::string> by_variable;
  for (const MatrixCell& cell : cells) {
    for (const auto& [name, value] : cell) {
      const auto [other, is_new] = by_variable.emplace(model::variable_name("MATRIX_", name), name);
      if (is_new || other->second == name) continue;
      problems.error(node.span, "\"" + other->second + "\" and \"" + name +
                                    "\" would share the variable " + other->first);
      return;
    }
  }
}

void check_cells(const Node& node, const Matrix& matrix, Problems& problems) {
  const std::vector<MatrixCell> cells = model::cells_of(matrix);
  if (cells.empty()) {
    problems.error(node.span, "the matrix has no cell left", "exclude less, or take it out");
  } else if (cells.size() > model::kMostCells) {
    problems.error(node.span, "the matrix has " + std::to_string(cells.size()) +
                                  " cells, at most " + std::to_string(model::kMostCells) +
                                  " are allowed");
  }
  std::set<std::string> seen;
  for (const MatrixCell& cell : cells) {
    const std::string cell_name = model::to_string(cell);
    if (seen.insert(cell_name).second) continue;
    problems.error(Draft::span_of(node, "include"), "the cell " + cell_name + " is there twice");
    break;
  }
  check_variables(node, cells, problems);
}

}  // namespace

bool read_matrix(const Node& node, Matrix& matrix, Problems& problems) {
  matrix = {};
  if (node.table() == nullptr || node.table()->empty()) {
    return report_wrong_type(node, "a table of lists such as { database = [\"sqlite\"] }",
                             problems);
  }
  bool good = true;
  for (const Entry& entry : *node.table()) {
    if (is_axis(entry)) good = read_axis(entry, matrix, problems) && good;
  }
  good = read_cells(node.find("exclude"), matrix.exclude, problems) && good;
  good = read_cells(node.find("include"), matrix.include, problems) && good;
  if (!good) return false;
  // Beyond what exclusions are likely to be meant for, the product is not even made.
  constexpr std::size_t kMostBeforeExclusion = 64 * model::kMostCells;
  if (model::product_size(matrix, kMostBeforeExclusion) > kMostBeforeExclusion) {
    problems.error(node.span,
                   "the lists make more than " + std::to_string(kMostBeforeExclusion) + " cells",
                   "at most " + std::to_string(model::kMostCells) + " are allowed");
    return false;
  }
  check_exclude(node, matrix, problems);
  check_cells(node, matrix, problems);
  return true;
}

boost::json::object matrix_schema(Definitions& definitions) {
  const boost::json::object value = matrix_value().schema(definitions);
  const boost::json::object cells{{"type", "array"},
                                  {"items", {{"type", "object"}, {"additionalProperties", value}}}};
  return {{"type", "object"},
          {"minProperties", 1},
          {"properties", {{"include", cells}, {"exclude", cells}}},
          {"additionalProperties", {{"type", "array"}, {"minItems", 1}, {"items", value}}}};
}

}  // namespace pipeline::config
