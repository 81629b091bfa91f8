#include "runner/cli/env_file.h"

#include "pipelines/base/text.h"
#include "stages/secret/forms.h"

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

base::Error too_short(std::size_t line, std::string_view name) {
  const std::string least = std::to_string(secret::kShortestSecret) + " bytes";
  return base::Error(base::ErrorKind::invalid, "line " + std::to_string(line) + ": " +
                                                   std::string(name) + " is shorter than " + least +
                                                   ", too short to be hidden in a log")
      .hint("take a longer secret; what is none belongs into the stage's `env`");
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
    if (value.size() < secret::kShortestSecret) return base::fail(too_short(number, name));
    values[std::string(name)] = value;
  }
  return values;
}

}  // namespace pipeline::cli
