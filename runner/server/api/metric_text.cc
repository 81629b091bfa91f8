#include "runner/server/api/metric_text.h"

#include <array>
#include <charconv>

namespace pipeline::api {

namespace {

// In a label's value backslash, quote and line end are escaped.
std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text + '"';
}

std::string text_of(double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), error == std::errc() ? end : digits.data()};
}

}  // namespace

void MetricText::open(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(type == Type::counter ? " counter\n" : " gauge\n");
}

void MetricText::sample(const Labels& labels, double value) {
  text_ += name_;
  char before = '{';
  for (const auto& [label, of] : labels) {
    text_.append(1, before).append(label).append("=").append(in_quotes(of));
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_.append(" ").append(text_of(value)).append("\n");
}

void MetricText::gauge(std::string_view name, std::string_view help, double value) {
  open(name, Type::gauge, help);
  sample({}, value);
}

void MetricText::counter(std::string_view name, std::string_view help, const std::string& label,
                         const std::map<std::string, std::uint64_t>& values) {
  open(name, Type::counter, help);
  for (const auto& [value, count] : values) sample({{label, value}}, static_cast<double>(count));
}

}  // namespace pipeline::api
