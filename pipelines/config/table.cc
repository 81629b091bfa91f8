#include "pipelines/config/table.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "pipelines/config/later.h"

namespace pipeline::config {

namespace json = boost::json;

namespace {

// Of a table's unknown keys, those that are looked at as other words for missing ones: a hostile
// file of typos stays linear.
constexpr std::size_t kMostUnknown = 16;
constexpr std::size_t kLongestWord = 64;

}  // namespace

Key& Key::required() {
  required_ = true;
  return *this;
}

Key& Key::fallback(json::value value) {
  fallback_ = std::move(value);
  return *this;
}

Key& Key::only_for(std::vector<std::string> kinds) {
  kinds_ = std::move(kinds);
  return *this;
}

Key& Key::expecting(std::string expects) {
  expects_ = std::move(expects);
  return *this;
}

bool Key::fits(const std::string& kind) const {
  return kinds_.empty() || std::ranges::find(kinds_, kind) != kinds_.end();
}

TableShape::TableShape(std::string name, std::string description)
    : name_(std::move(name)), description_(std::move(description)) {}

void TableShape::tagged_by(std::string key, std::optional<std::string> default_kind) {
  tag_ = std::move(key);
  default_kind_ = std::move(default_kind);
}

void TableShape::nothing_required() {
  for (Key& key : keys_) key.required_ = false;
}

Key& TableShape::add(std::string name, std::string description,
                     std::function<json::object(Definitions&)> schema) {
  Key& key = keys_.emplace_back(std::move(name), std::move(description));
  key.schema_ = std::move(schema);
  return key;
}

// Empty when the kind cannot be told: then only the keys that every kind has are read.
std::string TableShape::active_kind(const Node& node) const {
  const Node* tag = tag_.empty() ? nullptr : node.find(tag_);
  if (tag == nullptr) return default_kind_.value_or("");
  const std::string* kind = tag->text();
  return kind == nullptr ? "" : *kind;
}

std::optional<std::vector<const Node*>> TableShape::match(const Node& node,
                                                          Problems& problems) const {
  if (node.table() == nullptr) {
    report_wrong_type(node, "a table (" + description_ + ")", problems);
    return std::nullopt;
  }
  const std::string kind = active_kind(node);
  std::vector<const Node*> values(keys_.size(), nullptr);
  std::vector<std::string> unknown;
  for (const Entry& entry : *node.table()) {
    const auto key = std::ranges::find(keys_, entry.key, &Key::name);
    if (key == keys_.end()) {
      if (!entry.is_inherited) report_unknown(entry, problems);  // or its template has told it
      if (unknown.size() < kMostUnknown && entry.key.size() <= kLongestWord)
        unknown.push_back(entry.key);
    } else if (key->fits(kind)) {
      values[static_cast<std::size_t>(key - keys_.begin())] = &entry.value;
    } else if (std::ranges::any_of(
                   keys_, [&](const Key& k) { return !k.kinds_.empty() && k.fits(kind); })) {
      report_unfit(entry, *key, kind, problems);
    }
  }
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (values[i] != nullptr || !keys_[i].required_ || !keys_[i].fits(kind)) continue;
    // One mistake is told once: a mistyped key is not missing as well.
    if (base::nearest(keys_[i].name_, unknown)) continue;
    problems.error(node.span, "missing key \"" + keys_[i].name_ + "\" in " + name_,
                   keys_[i].name_ + ": " + keys_[i].description_);
  }
  return values;
}

void TableShape::report_unknown(const Entry& entry, Problems& problems) const {
  if (is_later_key(name_, entry.key)) {
    problems.error(entry.span, '"' + entry.key + "\" is not supported yet in " + name_,
                   "it belongs to the language, but this version cannot do it: remove the key");
    return;
  }
  std::vector<std::string> names;
  names.reserve(keys_.size());
  for (const Key& key : keys_) names.push_back(key.name_);
  auto hint = problems.did_you_mean(entry.key, names);
  problems.error(entry.span, "unknown key \"" + entry.key + "\" in " + name_, std::move(hint));
}

void TableShape::report_unfit(const Entry& entry, const Key& key, const std::string& kind,
                              Problems& problems) const {
  problems.error(entry.span,
                 '"' + entry.key + "\" does not belong in " + name_ + " of kind \"" + kind + '"',
                 "only for " + tag_ + " = " + quoted_list(key.kinds_, "or"));
}

json::object TableShape::schema(Definitions& definitions) const {
  if (!definitions.contains(name_)) {
    definitions[name_] = {};  // a table that contains itself finds its name taken
    definitions[name_] = schema_body(definitions);
  }
  return {{"$ref", "#/$defs/" + name_}};
}

json::object TableShape::schema_body(Definitions& definitions) const {
  json::object properties;
  json::array required;
  for (const Key& key : keys_) {
    json::object property = key.schema_(definitions);
    property["description"] = key.description_;
    if (key.fallback_) property["default"] = *key.fallback_;
    properties[key.name_] = std::move(property);
    if (key.required_ && key.kinds_.empty()) required.emplace_back(key.name_);
  }
  json::object body{{"type", "object"},
                    {"description", description_},
                    {"properties", std::move(properties)},
                    {"additionalProperties", false}};
  if (!required.empty()) body["required"] = std::move(required);
  if (json::array rules = kind_rules(); !rules.empty()) body["allOf"] = std::move(rules);
  return body;
}

// For each key that only some kinds may use: those that may must have it when it is required, the
// others must not have it.
json::array TableShape::kind_rules() const {
  json::array rules;
  for (const Key& key : keys_) {
    if (key.kinds_.empty()) continue;
    json::object of_kind{
        {"properties", {{tag_, {{"enum", json::array(key.kinds_.begin(), key.kinds_.end())}}}}}};
    if (!default_kind_ || !key.fits(*default_kind_)) of_kind["required"] = json::array{tag_};
    json::object rule{{"if", std::move(of_kind)}, {"else", {{"properties", {{key.name_, false}}}}}};
    if (key.required_) rule["then"] = json::object{{"required", json::array{key.name_}}};
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace pipeline::config
