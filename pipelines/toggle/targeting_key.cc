#include "pipelines/toggle/targeting_key.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

// [[variant, weight]…]: the first is a variant's already, not the value to put into a bucket.
bool names_no_value(const json::value& arguments) {
  const auto* list = arguments.if_array();
  return list != nullptr && !list->empty() && list->front().is_array();
}

class Search {
 public:
  explicit Search(const FlagSet& flags) : flags_(flags) {}

  bool finds_in(const json::value& rule) {
    if (const auto* items = rule.if_array())
      return std::ranges::any_of(*items, [this](const auto& item) { return finds_in(item); });
    const auto* object = rule.if_object();
    if (object == nullptr || object->size() != 1) return false;
    const auto& operation = *object->begin();
    if (operation.key() == "$ref") return finds_in_evaluator(to_text(operation.value()));
    if (operation.key() == "fractional" && names_no_value(operation.value())) return true;
    return finds_in(operation.value());
  }

 private:
  // Each once: they may refer to each other.
  bool finds_in_evaluator(const std::string& name) {
    const auto found = flags_.evaluators.find(name);
    return found != flags_.evaluators.end() && seen_.insert(name).second && finds_in(found->second);
  }

  const FlagSet& flags_;
  std::set<std::string> seen_;
};

}  // namespace

bool buckets_by_targeting_key(const FlagSet& flags, const Flag& flag) {
  return flag.targeting && Search(flags).finds_in(*flag.targeting);
}

}  // namespace pipeline::toggle
