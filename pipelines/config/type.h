// The types of the pipeline language. A Type<T> is everything there is to know about one: how a
// value is read and checked, how a message names it, and its JSON Schema. Keys are declared with
// types (table.h), and the reader and the schema both come from that one declaration.
//
// Types are made once and only read afterwards: safe from several threads.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/config/node.h"
#include "pipelines/config/problems.h"

namespace pipeline::config {

// `$defs` of the schema: tables add themselves under their name, once.
using Definitions = std::map<std::string, boost::json::object>;

template <class T>
struct Type {
  std::string expects;  // "a duration such as \"10m\""
  // Reads into `out`: scalars and lists replace it, tables and maps are laid over what is there.
  // False when something was reported; `out` is then not to be relied on.
  std::function<bool(const Node&, T& out, Problems&)> read;
  std::function<boost::json::object(Definitions&)> schema;
};

bool report_wrong_type(const Node& node, std::string_view expects, Problems& problems);

// A string that `parse` turns into the value; its error's message and hint are shown.
template <class T>
Type<T> from_text(std::string expects, std::function<base::Result<T>(std::string_view)> parse,
                  boost::json::object schema) {
  schema["type"] = "string";
  auto read = [expects, parse = std::move(parse)](const Node& node, T& out, Problems& problems) {
    const std::string* text = node.text();
    if (text == nullptr) return report_wrong_type(node, expects, problems);
    auto value = parse(*text);
    if (!value) {
      problems.error(node.span, value.error().to_string(), value.error().hint());
      return false;
    }
    out = *std::move(value);
    return true;
  };
  return {std::move(expects), std::move(read), [schema](Definitions&) { return schema; }};
}

template <class T>
bool read_list(const Type<T>& item, const List& list, std::vector<T>& out, Problems& problems) {
  out.clear();
  out.reserve(list.size());
  bool good = true;
  for (const Node& node : list) {
    T value{};
    if (item.read(node, value, problems)) {
      out.push_back(std::move(value));
    } else {
      good = false;
    }
  }
  return good;
}

enum class Empty { allowed, refused };

template <class T>
Type<std::vector<T>> list_of(Type<T> item, Empty empty = Empty::allowed) {
  std::string expects = "a list (each " + item.expects + ")";
  auto read = [item, expects, empty](const Node& node, std::vector<T>& out, Problems& problems) {
    const List* list = node.list();
    if (list == nullptr) return report_wrong_type(node, expects, problems);
    if (list->empty() && empty == Empty::refused) {
      problems.error(node.span, "the list is empty", "expected at least one: " + item.expects);
      return false;
    }
    return read_list(item, *list, out, problems);
  };
  auto schema = [item, empty](Definitions& definitions) {
    boost::json::object result{{"type", "array"}, {"items", item.schema(definitions)}};
    if (empty == Empty::refused) result["minItems"] = 1;
    return result;
  };
  return {std::move(expects), std::move(read), std::move(schema)};
}

template <class T>
Type<std::vector<T>> one_or_list_of(Type<T> item) {
  const auto many = list_of(item, Empty::refused);
  std::string expects = item.expects + ", or a list of them";
  auto read = [item, many, expects](const Node& node, std::vector<T>& out, Problems& problems) {
    if (node.list() != nullptr) return many.read(node, out, problems);
    T value{};
    if (!item.read(node, value, problems)) return false;
    out.assign(1, std::move(value));
    return true;
  };
  auto schema = [item, many](Definitions& definitions) {
    return boost::json::object{{"anyOf", {item.schema(definitions), many.schema(definitions)}}};
  };
  return {std::move(expects), std::move(read), std::move(schema)};
}

// A table whose keys the author chooses.
template <class T>
Type<std::map<std::string, T>> map_of(const Type<std::string>& key, const Type<T>& item) {
  std::string expects = "a table (each value " + item.expects + ")";
  auto read = [key, item, expects](const Node& node, std::map<std::string, T>& out,
                                   Problems& problems) {
    if (node.table() == nullptr) return report_wrong_type(node, expects, problems);
    bool good = true;
    for (const Entry& entry : *node.table()) {
      std::string name;
      good = key.read(Node{entry.key, entry.span}, name, problems) && good;
      good = item.read(entry.value, out[entry.key], problems) && good;
    }
    return good;
  };
  auto schema = [key, item](Definitions& definitions) {
    return boost::json::object{{"type", "object"},
                               {"propertyNames", key.schema(definitions)},
                               {"additionalProperties", item.schema(definitions)}};
  };
  return {std::move(expects), std::move(read), std::move(schema)};
}

// The index of `text` among `words`, or a report.
std::optional<std::size_t> read_choice(const Node& node, const std::vector<std::string>& words,
                                       const std::vector<std::string>& later, Problems& problems);

// One word of a closed set. `later` are words of the language that this version does not know yet.
template <class T>
Type<T> choice(std::vector<std::pair<std::string, T>> words, std::vector<std::string> later = {}) {
  std::vector<std::string> names;
  std::vector<T> values;
  for (auto& [name, value] : words) {
    names.push_back(std::move(name));
    values.push_back(std::move(value));
  }
  std::string expects = quoted_list(names, "or");
  auto schema = [names](Definitions&) {
    return boost::json::object{{"enum", boost::json::array(names.begin(), names.end())}};
  };
  auto read = [names = std::move(names), values = std::move(values), later = std::move(later)](
                  const Node& node, T& out, Problems& problems) {
    const auto index = read_choice(node, names, later, problems);
    if (index) out = values[*index];
    return index.has_value();
  };
  return {std::move(expects), std::move(read), std::move(schema)};
}

}  // namespace pipeline::config
