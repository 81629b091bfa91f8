#include "pipelines/config/toml_document.h"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "pipelines/base/utf8.h"
#include "pipelines/config/toml_guard.h"

namespace pipeline::config {

namespace {

// The library counts columns in code points; everything here counts bytes.
class Places {
 public:
  explicit Places(std::string_view text) {
    while (true) {
      const auto end = text.find('\n');
      lines_.push_back(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    columns_.resize(lines_.size());
  }

  base::SourceSpan span(const toml::source_region& region) const {
    const std::uint32_t column = byte_column(region.begin);
    std::uint32_t end = column + 1;
    if (region.end.line == region.begin.line) {
      end = std::max(end, byte_column(region.end));
    } else if (region.begin.line >= 1 && region.begin.line <= lines_.size()) {
      end = std::max(end, static_cast<std::uint32_t>(lines_[region.begin.line - 1].size()) + 1);
    }
    return {region.begin.line, column, end - column};
  }

 private:
  std::uint32_t byte_column(const toml::source_position& position) const {
    if (position.line < 1 || position.line > lines_.size()) return 1;
    const std::vector<std::uint32_t>& columns = columns_of(position.line - 1);
    if (columns.empty()) return std::max<std::uint32_t>(position.column, 1);
    const std::size_t index = position.column < 1 ? 0 : position.column - 1;
    return columns[std::min(index, columns.size() - 1)];
  }

  // Byte column by code point of one line, made once a line so that a long line stays linear; empty
  // for a line of ASCII, where the two are the same.
  const std::vector<std::uint32_t>& columns_of(std::size_t index) const {
    std::vector<std::uint32_t>& columns = columns_[index];
    const std::string_view line = lines_[index];
    const auto is_ascii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
    if (!columns.empty() || std::ranges::all_of(line, is_ascii)) return columns;
    for (std::size_t byte = 0; byte < line.size();) {
      columns.push_back(static_cast<std::uint32_t>(byte) + 1);
      const auto code_point = base::decode_utf8(line.substr(byte));
      byte += code_point ? code_point->length : 1;
    }
    columns.push_back(static_cast<std::uint32_t>(line.size()) + 1);
    return columns;
  }

  std::vector<std::string_view> lines_;
  mutable std::vector<std::vector<std::uint32_t>> columns_;
};

class Converter {
 public:
  explicit Converter(const Places& places) : places_(places) {}

  Node convert(const toml::node& node) const {
    Node result;
    result.span = places_.span(node.source());
    if (const auto* table = node.as_table()) {
      result.value = entries(*table);
    } else if (const auto* array = node.as_array()) {
      List list;
      list.reserve(array->size());
      for (const toml::node& item : *array) list.push_back(convert(item));
      result.value = std::move(list);
    } else {
      scalar(node, result);
    }
    return result;
  }

 private:
  // The library sorts tables by key; the file's order is in the places of the keys.
  Entries entries(const toml::table& table) const {
    Entries result;
    result.reserve(table.size());
    for (const auto& [key, value] : table) {
      result.push_back({std::string(key.str()), places_.span(key.source()), convert(value)});
    }
    std::ranges::stable_sort(result, {}, [](const Entry& entry) {
      return std::tuple(entry.span.line, entry.span.column);
    });
    return result;
  }

  static void scalar(const toml::node& node, Node& result) {
    if (const auto* text = node.as_string()) {
      result.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
      result.value = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
      result.value = number->get();
    } else if (const auto* boolean = node.as_boolean()) {
      result.value = boolean->get();
    } else {
      result.value = Date{};
    }
  }

  const Places& places_;
};

// "Error while parsing array: expected …" → "expected …, in an array".
std::string syntax_message(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (!description.starts_with(kPrefix)) return std::string(description);
  description.remove_prefix(kPrefix.size());
  const auto colon = description.find(": ");
  if (colon == std::string_view::npos) return std::string(description);
  const std::string what(description.substr(0, colon));
  return "TOML syntax: " + std::string(description.substr(colon + 2)) + " (in a " + what + ")";
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::optional<Node> parse_toml(std::string_view text, Problems& problems) {
  text = without_byte_order_mark(text);
  if (!guard_toml(text, problems)) return std::nullopt;
  const Places places(text);
  try {
    return Converter(places).convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    problems.error(places.span(error.source()), syntax_message(error.description()));
    return std::nullopt;
  }
}

}  // namespace pipeline::config
