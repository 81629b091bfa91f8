// A parsed TOML document as plain values, in file order, every key and value with its place. Made
// by toml_document.h; nothing else in this folder sees the TOML library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipelines/base/source_span.h"

namespace pipeline::config {

struct Node;
struct Entry;

using List = std::vector<Node>;
using Entries = std::vector<Entry>;
struct Date {};  // dates and times: no key takes one, so the value itself is not kept

struct Node {
  std::variant<Entries, List, std::string, std::int64_t, double, bool, Date> value;
  base::SourceSpan span;  // of a table written as [header]: the header

  const Entries* table() const { return std::get_if<Entries>(&value); }
  const List* list() const { return std::get_if<List>(&value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }
  // The value of a key; null when this is no table or has no such key.
  const Node* find(std::string_view key) const;
  // Says of all that is in it that it stands in that file.
  void say_file(std::uint32_t file);
  // What a person calls it: "a string", "an integer", …
  std::string_view kind_name() const;
};

struct Entry {
  std::string key;
  base::SourceSpan span;  // of the key
  Node value;
  bool is_inherited = false;  // it stands in what this table extends
};

}  // namespace pipeline::config
