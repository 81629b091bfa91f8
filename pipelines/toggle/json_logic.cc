#include "pipelines/toggle/json_logic.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "pipelines/toggle/fractional.h"
#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

using Outcome = base::Result<json::value>;

constexpr int kMaxDepth = 100;
constexpr int kMaxSteps = 100'000;

// Operators that decide themselves which arguments to evaluate, or that look at the context.
constexpr std::string_view kSpecial[] = {"if",      "?:",           "and",        "or",  "var",
                                         "missing", "missing_some", "fractional", "$ref"};

Operator find_plain(std::string_view name) {
  if (const auto found = find_comparison(name)) return found;
  if (const auto found = find_text_operator(name)) return found;
  return find_arithmetic(name);
}

tl::unexpected<base::Error> unknown_operator(std::string_view name) {
  return base::fail(base::ErrorKind::invalid, "unknown operator \"" + std::string(name) + "\"");
}

// An object with one key is an operation; anything else is a value.
bool is_operation(const json::value& rule) {
  return rule.is_object() && rule.get_object().size() == 1;
}

// `{"var": "x"}` is short for `{"var": ["x"]}`.
json::array listed(const json::value& value) {
  return value.is_array() ? value.get_array() : json::array{value};
}

// One evaluation: the recursion, its budget, and the operators that need the context.
class Evaluation {
 public:
  explicit Evaluation(const LogicInput& input) : input_(input) {}

  Outcome apply(const json::value& rule, int depth) {
    if (depth > kMaxDepth || ++steps_ > kMaxSteps) {
      return base::fail(base::ErrorKind::exhausted, "rule nests too deep or costs too much");
    }
    if (const auto* items = rule.if_array()) {
      PIPELINE_ASSIGN(json::array values, apply_all(*items, depth));
      return json::value(std::move(values));
    }
    if (!is_operation(rule)) return rule;
    const auto& operation = *rule.get_object().begin();
    return call(operation.key(), operation.value(), depth + 1);
  }

 private:
  base::Result<json::array> apply_all(const json::array& items, int depth) {
    json::array values;
    for (const auto& item : items) {
      PIPELINE_ASSIGN(json::value value, apply(item, depth + 1));
      values.push_back(std::move(value));
    }
    return values;
  }

  Outcome call(std::string_view name, const json::value& raw, int depth) {
    if (name == "if" || name == "?:") return choose(listed(raw), depth);
    if (name == "and") return first_where(listed(raw), false, depth);
    if (name == "or") return first_where(listed(raw), true, depth);
    if (name == "$ref") return refer(raw, depth);
    PIPELINE_ASSIGN(const json::array arguments, apply_all(listed(raw), depth));
    if (name == "var") return look_up(argument(arguments, 0), argument(arguments, 1));
    if (name == "missing") return missing(arguments);
    if (name == "missing_some") return missing_some(arguments);
    if (name == "fractional") return fractional(arguments, input_.data, input_.flag_key);
    const auto plain = find_plain(name);
    if (plain == nullptr) return unknown_operator(name);
    return plain(arguments);
  }

  // if c1 then v1, else if c2 then v2 …, else the odd one out.
  Outcome choose(const json::array& clauses, int depth) {
    std::size_t i = 0;
    for (; i + 1 < clauses.size(); i += 2) {
      PIPELINE_ASSIGN(const json::value condition, apply(clauses[i], depth));
      if (is_true(condition)) return apply(clauses[i + 1], depth);
    }
    if (i < clauses.size()) return apply(clauses[i], depth);
    return json::value();
  }

  // `or` gives the first true value, `and` the first that is not; without one, the last.
  Outcome first_where(const json::array& clauses, bool wanted, int depth) {
    json::value value;
    for (const auto& clause : clauses) {
      PIPELINE_ASSIGN(value, apply(clause, depth));
      if (is_true(value) == wanted) break;
    }
    return value;
  }

  Outcome refer(const json::value& raw, int depth) {
    const std::string name = to_text(raw);
    const auto found = input_.evaluators.find(name);
    if (found == input_.evaluators.end()) {
      return base::fail(base::ErrorKind::invalid, "no evaluator is named \"" + name + "\"");
    }
    return apply(found->second, depth);
  }

  // "user.name" walks objects by key and arrays by index; "" is the whole context.
  json::value look_up(const json::value& path, const json::value& otherwise) const {
    const std::string text = to_text(path);
    if (text.empty()) return input_.data;
    const auto parts = base::split(text, '.');
    const json::value* here = input_.data.if_contains(parts.front());
    for (std::size_t i = 1; here != nullptr && i < parts.size(); ++i) here = child(*here, parts[i]);
    return here == nullptr ? otherwise : *here;
  }

  static const json::value* child(const json::value& parent, const std::string& name) {
    if (const auto* object = parent.if_object()) return object->if_contains(name);
    if (const auto* items = parent.if_array()) return element(*items, name);
    return nullptr;
  }

  static const json::value* element(const json::array& items, const std::string& index) {
    const auto number = from_number(to_number(json::value(index)));
    const auto* at = number.if_int64();
    return at != nullptr && *at >= 0 ? items.if_contains(static_cast<std::size_t>(*at)) : nullptr;
  }

  json::value missing(const json::array& arguments) const {
    json::array absent;
    for (const auto& key : listed(arguments.size() == 1 ? arguments[0] : arguments)) {
      const auto value = look_up(key, {});
      if (value.is_null() || (value.is_string() && value.get_string().empty()))
        absent.push_back(key);
    }
    return absent;
  }

  json::value missing_some(const json::array& arguments) const {
    const auto keys = listed(argument(arguments, 1));
    auto absent = missing(json::array{keys});
    const auto present = static_cast<double>(keys.size() - absent.get_array().size());
    return present >= to_number(argument(arguments, 0)) ? json::value(json::array()) : absent;
  }

  const LogicInput& input_;
  int steps_ = 0;
};

base::Result<> check(const json::value& rule, int depth) {
  if (depth > kMaxDepth) return base::fail(base::ErrorKind::exhausted, "rule nests too deep");
  if (const auto* items = rule.if_array()) {
    for (const auto& item : *items) PIPELINE_TRY(check(item, depth + 1));
  }
  if (!is_operation(rule)) return {};
  const auto& operation = *rule.get_object().begin();
  const std::string_view name = operation.key();
  const bool special =
      std::find(std::begin(kSpecial), std::end(kSpecial), name) != std::end(kSpecial);
  if (!special && find_plain(name) == nullptr) return unknown_operator(name);
  return check(operation.value(), depth + 1);
}

}  // namespace

base::Result<json::value> apply_rule(const json::value& rule, const LogicInput& input) {
  return Evaluation(input).apply(rule, 0);
}

base::Result<> check_rule(const json::value& rule) {
  return check(rule, 0);
}

}  // namespace pipeline::toggle
