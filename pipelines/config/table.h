// Declarations of tables: which keys there are, of what type, for which kinds, and where their
// values go. One declaration drives reading, `did you mean`, the refusals, and the schema.
//
//   Table<StopSpec> table("stop", "how an instance is asked to end");
//   table.key("timeout", duration(), &StopSpec::timeout, "then it is killed").fallback("10s");
//
// Adding a key to the language is one such line. Tables are made once and only read afterwards.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipelines/config/type.h"

namespace pipeline::config {

// What there is to know about a key but its C++ type.
class Key {
 public:
  Key(std::string name, std::string description)
      : name_(std::move(name)), description_(std::move(description)) {}

  // The file is refused without it (if the table's kind may use it at all).
  Key& required();
  // What holds when the key is absent; shown in the schema. The model's own initial values are what
  // counts, and a test holds the two together.
  Key& fallback(boost::json::value value);
  // The kinds of a tagged table that may use it; otherwise all may.
  Key& only_for(std::vector<std::string> kinds);
  // How a person is told what it takes.
  Key& expecting(std::string expects);

  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  const std::string& expects() const { return expects_; }
  bool is_required() const { return required_; }
  const std::optional<boost::json::value>& fallback() const { return fallback_; }
  bool fits(const std::string& kind) const;

 private:
  friend class TableShape;
  std::string name_;
  std::string description_;
  std::string expects_;
  bool required_ = false;
  std::optional<boost::json::value> fallback_;
  std::vector<std::string> kinds_;  // empty: all
  std::function<boost::json::object(Definitions&)> schema_;
};

// The part of a table that does not depend on what it fills.
class TableShape {
 public:
  TableShape(std::string name, std::string description);

  // The key that says which kind of table this is. Declare it before the keys it governs; without a
  // default it is required.
  void tagged_by(std::string key, std::optional<std::string> default_kind);

  // For a table that is only laid below another one: nothing has to be there.
  void nothing_required();

  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  const std::vector<Key>& keys() const { return keys_; }
  boost::json::object schema(Definitions& definitions) const;
  // The whole object, for the root of the schema.
  boost::json::object schema_body(Definitions& definitions) const;

 protected:
  Key& add(std::string name, std::string description,
           std::function<boost::json::object(Definitions&)> schema);
  // The value of each declared key, null where it is absent or must not be read. Reports unknown,
  // unfitting and missing keys. Nothing when `node` is no table, which is reported too.
  std::optional<std::vector<const Node*>> match(const Node& node, Problems& problems) const;

 private:
  std::string active_kind(const Node& node) const;
  void report_unknown(const Entry& entry, Problems& problems) const;
  void report_unfit(const Entry& entry, const Key& key, const std::string& kind,
                    Problems& problems) const;
  boost::json::array kind_rules() const;

  std::string name_;
  std::string description_;
  std::vector<Key> keys_;
  std::string tag_;
  std::optional<std::string> default_kind_;
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
class Table : public TableShape {
 public:
  using Apply = std::function<bool(const Node&, T&, Problems&)>;
  using TableShape::TableShape;

  // `place` is a member of T, or a function from T& to the place; a place may be an optional.
  template <class V, class Place>
  Key& key(std::string key_name, Type<V> type, Place place, std::string description) {
    auto apply = [read = type.read, place](const Node& node, T& out, Problems& problems) {
      auto& target = std::invoke(place, out);
      // A value that was refused leaves an empty one, so that rules see what was meant to be there.
      if constexpr (IsOptional<std::remove_reference_t<decltype(target)>>::value) {
        return read(node, target.emplace(), problems);
      } else {
        return read(node, target, problems);
      }
    };
    return custom_key(std::move(key_name), std::move(type.schema), std::move(apply),
                      std::move(description))
        .expecting(std::move(type.expects));
  }

  // A key whose value goes more than one place.
  Key& custom_key(std::string key_name, std::function<boost::json::object(Definitions&)> schema,
                  Apply apply, std::string description) {
    apply_.push_back(std::move(apply));
    return add(std::move(key_name), std::move(description), std::move(schema));
  }

  // Runs after the keys were read.
  void at_end(std::function<void(const Node&, T&, Problems&)> finish) {
    finish_ = std::move(finish);
  }

  bool read(const Node& node, T& out, Problems& problems) const {
    const auto values = match(node, problems);
    if (!values) return false;
    bool good = true;
    for (std::size_t i = 0; i < values->size(); ++i) {
      if ((*values)[i] != nullptr) good = apply_[i](*(*values)[i], out, problems) && good;
    }
    if (finish_) finish_(node, out, problems);
    return good;
  }

 private:
  std::vector<Apply> apply_;  // parallel to keys()
  std::function<void(const Node&, T&, Problems&)> finish_;
};

// A table as the type of a key. Takes the function that makes the table, so that tables may contain
// themselves.
template <class T>
Type<T> table_type(const Table<T>& (*table)(), std::string expects) {
  return {std::move(expects),
          [table](const Node& node, T& out, Problems& problems) {
            return table().read(node, out, problems);
          },
          [table](Definitions& definitions) { return table().schema(definitions); }};
}

}  // namespace pipeline::config
