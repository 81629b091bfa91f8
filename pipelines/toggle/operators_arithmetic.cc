#include <cmath>
#include <limits>

#include "pipelines/toggle/operators.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

json::value add(const json::array& arguments) {
  double sum = 0;
  for (const auto& value : arguments) sum += to_number(value);
  return from_number(sum);
}

json::value subtract(const json::array& arguments) {
  const double first = to_number(argument(arguments, 0));
  return from_number(arguments.size() < 2 ? -first : first - to_number(arguments[1]));
}

json::value multiply(const json::array& arguments) {
  double product = 1;
  for (const auto& value : arguments) product *= to_number(value);
  return from_number(product);
}

json::value divide(const json::array& arguments) {
  return from_number(to_number(argument(arguments, 0)) / to_number(argument(arguments, 1)));
}

json::value modulo(const json::array& arguments) {
  return from_number(
      std::fmod(to_number(argument(arguments, 0)), to_number(argument(arguments, 1))));
}

json::value smallest(const json::array& arguments) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& value : arguments) least = std::min(least, to_number(value));
  return from_number(least);
}

json::value largest(const json::array& arguments) {
  double most = -std::numeric_limits<double>::infinity();
  for (const auto& value : arguments) most = std::max(most, to_number(value));
  return from_number(most);
}

}  // namespace

Operator find_arithmetic(std::string_view name) {
  if (name == "+") return add;
  if (name == "-") return subtract;
  if (name == "*") return multiply;
  if (name == "/") return divide;
  if (name == "%") return modulo;
  if (name == "min") return smallest;
  if (name == "max") return largest;
  return nullptr;
}

}  // namespace pipeline::toggle
