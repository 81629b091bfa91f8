#include "runner/cli/env_file.h"

#include "pipelines/base/text.h"
#include "stages/secret/rules.h"

namespace pipeline::cli {

namespace {

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (text.empty() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string_view unquoted(std::string_view value) {
  const bool is_quoted = value.size() >= 2 && value.front() == value.back() &&
                         (value.front() == '"' || value.front() == '\'');
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

base::Error on_line(std::size_t line, const base::Error& error) {
  return base::Error(error.kind(), "line " + std::to_string(line) + ": " + error.message())
      .hint(error.hint().value_or(""));
}

}  // namespace

base::Result<std::map<std::string, std::string>> parse_env_file(std::string_view text) {
  std::map<std::string, std::string> values;
  std::size_t number = 0;
  for (const std::string& raw : base::split(text, '\n')) {
    ++number;
    const std::string_view line = base::trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    const auto equals = line.find('=');
    const std::string_view name = base::trim(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name)) {
      return base::fail(base::Error(base::ErrorKind::invalid,
                                    "line " + std::to_string(number) + " is not NAME=VALUE")
                            .hint("one variable a line, comments begin with #"));
    }
    const std::string_view value = unquoted(base::trim(line.substr(equals + 1)));
    if (const auto fit = secret::check_value(name, value); !fit)
      return base::fail(on_line(number, fit.error()));
    values[std::string(name)] = value;
  }
  return values;
}

}  // namespace pipeline::cli
