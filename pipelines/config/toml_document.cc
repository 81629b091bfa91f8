#include "pipelines/config/toml_document.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <tl/expected.hpp>
#include <tuple>
#include <utility>

#include "pipelines/base/utf8.h"
#include "pipelines/config/toml_guard.h"
#include "pipelines/config/toml_sections.h"

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

constexpr std::uint32_t kNoLine = 0;

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

// "Error while parsing array: expected …" → "TOML syntax: expected … (in an array)".
std::string syntax_message(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (!description.starts_with(kPrefix)) return std::string(description);
  description.remove_prefix(kPrefix.size());
  const auto colon = description.find(": ");
  if (colon == std::string_view::npos || colon == 0) return std::string(description);
  const std::string what(description.substr(0, colon));
  return "TOML syntax: " + std::string(description.substr(colon + 2)) +
         (std::string_view("aeiou").find(what.front()) != std::string_view::npos ? " (in an "
                                                                                 : " (in a ") +
         what + ")";
}

// What most likely was meant, by what the library says.
std::optional<std::string> syntax_hint(std::string_view description) {
  struct Cure {
    std::string_view symptom;
    std::string_view hint;
  };
  static constexpr std::array<Cure, 6> kCures = {{
      {"expected digit", "a value with a unit is a string: write \"15m\" in quotes"},
      {"control characters other than TAB",
       "close the string on its line, or write it between three quotes"},
      {"end-of-file", "something is still open: a quote, a bracket or a brace"},
      {"cannot redefine", "each key and table stands once; one of many tables is [[name]]"},
      {"expected a comment or whitespace", "one key and its value a line"},
      {"expected '='", "a key is followed by = and its value; a string needs quotes"},
  }};
  for (const Cure& cure : kCures) {
    if (description.find(cure.symptom) != std::string_view::npos) return std::string(cure.hint);
  }
  return std::nullopt;
}

// Parses, or reports the syntax error and says its line. Text must have passed the guard.
tl::expected<toml::table, std::uint32_t> parse_guarded(std::string_view text, const Places& places,
                                                       Problems& problems) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    problems.error(places.span(error.source()), syntax_message(error.description()),
                   syntax_hint(error.description()));
    const bool is_open_end = error.description().find("end-of-file") != std::string_view::npos;
    return tl::unexpected(is_open_end ? kNoLine : error.source().begin.line);
  }
}

// The library stops at the first syntax error. To find the next, the table it stands in is blanked,
// which keeps every other place in the file where it was.
void report_further_errors(std::string text, std::uint32_t line, const Places& places,
                           Problems& problems) {
  constexpr int kMostErrors = 10;
  for (int i = 1; i < kMostErrors && line != kNoLine; ++i) {
    if (!blank_section(text, line)) return;
    Problems unshown;  // what was inside a string may stand outside of one now
    if (!guard_toml(text, unshown)) return;
    const auto again = parse_guarded(text, places, problems);
    if (again || again.error() <= line) return;
    line = again.error();
  }
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
  const auto table = parse_guarded(text, places, problems);
  if (!table) {
    report_further_errors(std::string(text), table.error(), places, problems);
    return std::nullopt;
  }
  Node root = Converter(places).convert(*table);
  root.span = {1, 1, 1};
  return root;
}

}  // namespace pipeline::config
