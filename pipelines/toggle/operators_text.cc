#include <algorithm>

#include "pipelines/toggle/operators.h"
#include "pipelines/toggle/sem_ver.h"

namespace pipeline::toggle {

namespace json = boost::json;

namespace {

json::value cat(const json::array& arguments) {
  std::string text;
  for (const auto& value : arguments) text += to_text(value);
  return json::value(text);
}

// `{"substr": [text, start, length]}`: negative counts from the end, as in JavaScript and PHP.
json::value substr(const json::array& arguments) {
  const std::string text = to_text(argument(arguments, 0));
  const auto size = static_cast<double>(text.size());
  const auto place = [size](double at) { return std::clamp(at < 0 ? size + at : at, 0.0, size); };
  const double start = place(to_number(argument(arguments, 1)));
  double end = size;
  if (arguments.size() > 2) {
    const double length = to_number(arguments[2]);
    end = length < 0 ? size + length : std::min(size, start + length);
  }
  if (!(start < end)) return "";  // also when one is NaN
  return json::value(
      text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start)));
}

template <class Test>
json::value on_two_strings(const json::array& arguments, Test test) {
  if (arguments.size() != 2 || !arguments[0].is_string() || !arguments[1].is_string()) return {};
  return test(std::string_view(arguments[0].get_string()),
              std::string_view(arguments[1].get_string()));
}

json::value starts_with(const json::array& arguments) {
  return on_two_strings(arguments, [](std::string_view text, std::string_view part) {
    return text.starts_with(part);
  });
}

json::value ends_with(const json::array& arguments) {
  return on_two_strings(
      arguments, [](std::string_view text, std::string_view part) { return text.ends_with(part); });
}

std::optional<SemVer> version_of(const json::value& value) {
  // A context may well say 1.2 without quotes.
  if (!value.is_string() && !value.is_number()) return std::nullopt;
  return SemVer::parse(to_text(value));
}

json::value sem_ver(const json::array& arguments) {
  if (arguments.size() != 3 || !arguments[1].is_string()) return {};
  const auto left = version_of(arguments[0]);
  const auto right = version_of(arguments[2]);
  if (!left || !right) return {};
  const auto answer = compare(*left, arguments[1].get_string(), *right);
  return answer ? json::value(*answer) : json::value();
}

}  // namespace

Operator find_text_operator(std::string_view name) {
  if (name == "cat") return cat;
  if (name == "substr") return substr;
  if (name == "starts_with") return starts_with;
  if (name == "ends_with") return ends_with;
  if (name == "sem_ver") return sem_ver;
  return nullptr;
}

}  // namespace pipeline::toggle
