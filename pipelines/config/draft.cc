#include "pipelines/config/draft.h"

namespace pipeline::config {

base::SourceSpan Draft::span_of(const Node& table, std::string_view key) {
  const Node* value = table.find(key);
  return value == nullptr ? table.span : value->span;
}

base::SourceSpan Draft::span_of(const Node& table, std::string_view key, std::size_t index) {
  const Node* value = table.find(key);
  if (value == nullptr) return table.span;
  const List* list = value->list();
  return list != nullptr && index < list->size() ? (*list)[index].span : value->span;
}

bool is_of_type(const Node& node, model::ParamType type) {
  switch (type) {
    case model::ParamType::string:
      return std::holds_alternative<std::string>(node.value);
    case model::ParamType::integer:
      return std::holds_alternative<std::int64_t>(node.value);
    case model::ParamType::boolean:
      return std::holds_alternative<bool>(node.value);
  }
  return false;
}

}  // namespace pipeline::config
