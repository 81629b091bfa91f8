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

}  // namespace pipeline::config
