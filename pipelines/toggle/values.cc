#include <charconv>
#include <cmath>
#include <limits>

#include "pipelines/base/text.h"
#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
// Up to here every integer has a double of its own.
constexpr double kExactIntegers = 9007199254740992.0;

double number_of_text(std::string_view text) {
  text = base::trim(text);
  if (text.empty()) return 0;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : kNotANumber;
}

std::string text_of_number(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  std::string text(32, '\0');
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

}  // namespace

bool is_true(const json::value& value) {
  if (value.is_null()) return false;
  if (const auto* flag = value.if_bool()) return *flag;
  if (const auto* text = value.if_string()) return !text->empty();
  if (const auto* items = value.if_array()) return !items->empty();
  if (value.is_object()) return true;
  const double number = to_number(value);
  return !std::isnan(number) && number != 0;
}

double to_number(const json::value& value) {
  if (value.is_null()) return 0;
  if (const auto* flag = value.if_bool()) return *flag ? 1 : 0;
  if (const auto* number = value.if_int64()) return static_cast<double>(*number);
  if (const auto* number = value.if_uint64()) return static_cast<double>(*number);
  if (const auto* number = value.if_double()) return *number;
  if (const auto* text = value.if_string()) return number_of_text(*text);
  return kNotANumber;
}

std::string to_text(const json::value& value) {
  if (value.is_null()) return "";
  if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  if (const auto* number = value.if_double()) {
    const auto whole = from_number(*number);
    return whole.is_int64() ? std::to_string(whole.get_int64()) : text_of_number(*number);
  }
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* items = value.if_array()) {
    std::vector<std::string> parts;
    for (const auto& item : *items) parts.push_back(item.is_array() ? "" : to_text(item));
    return base::join(parts, ",");
  }
  return "[object Object]";
}

json::value from_number(double number) {
  if (std::trunc(number) == number && std::abs(number) < kExactIntegers) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

const json::value& argument(const json::array& arguments, std::size_t index) {
  static const json::value nothing;
  return index < arguments.size() ? arguments[index] : nothing;
}

}  // namespace pipeline::toggle
