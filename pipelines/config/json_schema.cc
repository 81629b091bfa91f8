#include "pipelines/config/json_schema.h"

#include <boost/json/serialize.hpp>
#include <cstddef>

#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

namespace json = boost::json;

std::string pretty(const json::value& value, std::size_t depth);

// Objects and lists of them stand over several lines, anything smaller on one.
template <class Items, class Write>
std::string pretty_items(const Items& items, char open, char close, std::size_t depth,
                         Write write) {
  const std::string margin(2 * (depth + 1), ' ');
  std::string text(1, open);
  for (const auto& item : items) text += (text.size() > 1 ? ",\n" : "\n") + margin + write(item);
  return text + "\n" + std::string(2 * depth, ' ') + close;
}

std::string pretty(const json::value& value, std::size_t depth) {
  constexpr std::size_t kShort = 80;
  std::string line = json::serialize(value);
  if (line.size() <= kShort || value.is_primitive()) return line;
  if (const auto* object = value.if_object()) {
    return pretty_items(*object, '{', '}', depth, [depth](const auto& member) {
      return json::serialize(json::value(member.key())) + ": " + pretty(member.value(), depth + 1);
    });
  }
  return pretty_items(value.get_array(), '[', ']', depth,
                      [depth](const auto& item) { return pretty(item, depth + 1); });
}

}  // namespace

std::string json_schema() {
  return json_schema_of(pipeline_table(), "pipeline file");
}

std::string json_schema_of(const TableShape& root, std::string_view title) {
  Definitions definitions;
  boost::json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                             {"title", title}};
  for (auto& [key, value] : root.schema_body(definitions)) schema[key] = value;
  boost::json::object defs;
  for (auto& [name, definition] : definitions) defs[name] = std::move(definition);
  schema["$defs"] = std::move(defs);
  return pretty(schema, 0) + "\n";
}

}  // namespace pipeline::config
