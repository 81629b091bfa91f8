#include "pipelines/model/placeholder.h"

namespace pipeline::model {

using base::ErrorKind;
using base::Result;

Result<std::string> fill_placeholders(std::string_view text, const PlaceholderValue& value_of) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t brace = text.find_first_of("{}");
    filled += text.substr(0, brace);
    if (brace == std::string_view::npos) break;
    const std::size_t end = text.find_first_of("{}", brace + 1);
    if (text[brace] == '}' || end == std::string_view::npos || text[end] == '{') {
      return base::fail(ErrorKind::invalid, "a brace has no partner: expected {name}");
    }
    const std::string_view name = text.substr(brace + 1, end - brace - 1);
    const std::optional<std::string> value = value_of(name);
    if (!value) {
      return base::fail(ErrorKind::invalid,
                        "there is no placeholder {" + std::string(name) + "} here");
    }
    filled += *value;
    text.remove_prefix(end + 1);
  }
  return filled;
}

PlaceholderValue values_of(const MatrixCell& cell) {
  return [&cell](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kMatrix = "matrix.";
    if (!name.starts_with(kMatrix)) return std::nullopt;
    const std::string* value = find_value(cell, name.substr(kMatrix.size()));
    if (value == nullptr) return std::nullopt;
    return *value;
  };
}

std::optional<std::string_view> files_placeholder(std::string_view name) {
  constexpr std::string_view kFiles = "files:";
  if (!name.starts_with(kFiles)) return std::nullopt;
  return name.substr(kFiles.size());
}

}  // namespace pipeline::model
