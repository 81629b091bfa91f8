#include <cmath>
#include <functional>

#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

bool loosely_equal(const json::value& left, const json::value& right) {
  if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
  if (left.is_string() && right.is_string()) return left.get_string() == right.get_string();
  return to_number(left) == to_number(right);
}

bool strictly_equal(const json::value& left, const json::value& right) {
  const bool same_kind = left.is_number() ? right.is_number() : left.kind() == right.kind();
  return same_kind && loosely_equal(left, right);
}

template <class Order>
bool ordered(const json::value& left, const json::value& right, Order order) {
  if (left.is_string() && right.is_string()) {
    return order(left.get_string().compare(right.get_string()), 0);
  }
  return order(to_number(left), to_number(right));  // false with NaN, as it should be
}

// `{"<": [1, x, 3]}` asks for both.
template <class Order>
json::value chain(const json::array& arguments, Order order) {
  if (!ordered(argument(arguments, 0), argument(arguments, 1), order)) return false;
  return arguments.size() < 3 || ordered(arguments[1], arguments[2], order);
}

json::value equal(const json::array& a) {
  return loosely_equal(argument(a, 0), argument(a, 1));
}
json::value not_equal(const json::array& a) {
  return !loosely_equal(argument(a, 0), argument(a, 1));
}
json::value same(const json::array& a) {
  return strictly_equal(argument(a, 0), argument(a, 1));
}
json::value not_same(const json::array& a) {
  return !strictly_equal(argument(a, 0), argument(a, 1));
}
json::value less(const json::array& a) {
  return chain(a, std::less<>());
}
json::value less_equal(const json::array& a) {
  return chain(a, std::less_equal<>());
}
json::value greater(const json::array& a) {
  return chain(a, std::greater<>());
}
json::value greater_equal(const json::array& a) {
  return chain(a, std::greater_equal<>());
}
json::value negate(const json::array& a) {
  return !is_true(argument(a, 0));
}
json::value truth(const json::array& a) {
  return is_true(argument(a, 0));
}

// A member of a list, or a part of a text.
json::value in(const json::array& a) {
  const auto& needle = argument(a, 0);
  const auto& haystack = argument(a, 1);
  if (const auto* text = haystack.if_string()) {
    return needle.is_string() && text->find(needle.get_string()) != json::string::npos;
  }
  if (const auto* items = haystack.if_array()) {
    for (const auto& item : *items) {
      if (strictly_equal(item, needle)) return true;
    }
  }
  return false;
}

}  // namespace

Operator find_comparison(std::string_view name) {
  struct Entry {
    std::string_view name;
    Operator call;
  };
  static constexpr Entry kTable[] = {
      {"==", equal}, {"!=", not_equal}, {"===", same},      {"!==", not_same},
      {"<", less},   {">", greater},    {"<=", less_equal}, {">=", greater_equal},
      {"!", negate}, {"!!", truth},     {"in", in},
  };
  for (const auto& entry : kTable) {
    if (entry.name == name) return entry.call;
  }
  return nullptr;
}

}  // namespace pipeline::toggle
