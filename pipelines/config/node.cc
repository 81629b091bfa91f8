#include "pipelines/config/node.h"

#include <algorithm>
#include <array>

namespace pipeline::config {

const Node* Node::find(std::string_view key) const {
  const Entries* entries = table();
  if (entries == nullptr) return nullptr;
  const auto found = std::ranges::find(*entries, key, &Entry::key);
  return found == entries->end() ? nullptr : &found->value;
}

void Node::say_file(std::uint32_t file) {
  span.file = file;
  if (auto* entries = std::get_if<Entries>(&value)) {
    for (Entry& entry : *entries) {
      entry.span.file = file;
      entry.value.say_file(file);
    }
  } else if (auto* list = std::get_if<List>(&value)) {
    for (Node& item : *list) item.say_file(file);
  }
}

std::string_view Node::kind_name() const {
  static constexpr std::array<std::string_view, 7> kNames = {
      "a table", "a list", "a string", "an integer", "a number", "a boolean", "a date or time"};
  static_assert(std::variant_size_v<decltype(value)> == kNames.size());
  return kNames[value.index()];
}

}  // namespace pipeline::config
