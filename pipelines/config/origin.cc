#include "pipelines/config/origin.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iterator>

#include "pipelines/base/text.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

constexpr std::size_t kWidestValue = 40;

std::string number_text(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text + "0" : text;
}

std::string text_of(const Node& node);

struct ValueText {
  std::string operator()(const Entries& entries) const {
    std::string text;
    for (const Entry& entry : entries) {
      text += (text.empty() ? " " : ", ") + entry.key + " = " + text_of(entry.value);
    }
    return "{" + text + " }";
  }
  std::string operator()(const List& list) const {
    std::string text;
    for (const Node& item : list) text += (text.empty() ? "" : ", ") + text_of(item);
    return "[" + text + "]";
  }
  std::string operator()(const std::string& text) const {
    return '"' + base::printable(text) + '"';
  }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return number_text(number); }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(Date /*date*/) const { return "a date"; }
};

std::string text_of(const Node& node) {
  return std::visit(ValueText{}, node.value);
}

bool has(const std::vector<ValueOrigin>& values, const std::string& key) {
  return std::ranges::any_of(values, [&](const ValueOrigin& value) {
    return value.key == key || value.key.starts_with(key + ".");
  });
}

// Tables are told key by key, because each of their keys may come from elsewhere.
void add(const std::string& key, const Node& node, bool is_default,
         std::vector<ValueOrigin>& values) {
  if (const Entries* entries = node.table()) {
    for (const Entry& entry : *entries) add(key + "." + entry.key, entry.value, is_default, values);
  } else if (!has(values, key)) {
    values.push_back({key, base::elide(text_of(node), kWidestValue), node.span, is_default});
  }
}

void add_language_defaults(const TableShape& table, const std::string& kind,
                           std::vector<ValueOrigin>& values) {
  for (const Key& key : table.keys()) {
    if (!key.fallback() || !key.fits(kind) || has(values, key.name())) continue;
    values.push_back(
        {key.name(), base::elide(boost::json::serialize(*key.fallback()), kWidestValue), {}, true});
  }
}

StageOrigins origins_of_stage(const Node& stage, const Node* defaults) {
  StageOrigins origins;
  const Node* name = stage.find("name");
  const Node* kind = stage.find("kind");
  if (name != nullptr && name->text() != nullptr) origins.stage = *name->text();
  const std::string kind_name =
      kind != nullptr && kind->text() != nullptr ? *kind->text() : "command";
  for (const Entry& entry : *stage.table()) {
    if (entry.key != "name") add(entry.key, entry.value, false, origins.values);
  }
  const auto fits = [&](const Entry& entry) {
    return std::ranges::any_of(stage_table().keys(), [&](const Key& key) {
      return key.name() == entry.key && key.fits(kind_name);
    });
  };
  if (defaults != nullptr && defaults->table() != nullptr) {
    for (const Entry& entry : *defaults->table()) {
      if (fits(entry)) add(entry.key, entry.value, true, origins.values);
    }
  }
  add_language_defaults(stage_table(), kind_name, origins.values);
  return origins;
}

}  // namespace

std::vector<EnvironmentOrigins> environment_origins_of(const Node& root) {
  std::vector<EnvironmentOrigins> origins;
  const Node* environments = root.find("environment");
  if (environments == nullptr || environments->table() == nullptr) return origins;
  for (const Entry& environment : *environments->table()) {
    if (environment.value.table() == nullptr) continue;
    EnvironmentOrigins& one = origins.emplace_back();
    one.environment = environment.key;
    for (const Entry& entry : *environment.value.table())
      add(entry.key, entry.value, false, one.values);
    add_language_defaults(environment_table(), {}, one.values);
  }
  return origins;
}

std::vector<StageOrigins> origins_of(const Node& root) {
  std::vector<StageOrigins> origins;
  const Node* stages = root.find("stage");
  if (stages == nullptr || stages->list() == nullptr) return origins;
  for (const Node& stage : *stages->list()) {
    if (stage.table() != nullptr) {
      origins.push_back(origins_of_stage(stage, root.find("defaults")));
    }
  }
  return origins;
}

}  // namespace pipeline::config
