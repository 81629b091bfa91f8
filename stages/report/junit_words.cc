#include "stages/report/junit_words.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "pipelines/base/text.h"

namespace pipeline::report {

namespace {

constexpr std::pair<std::string_view, ElementKind> kElements[] = {
    {"testsuites", ElementKind::suites},  {"testsuite", ElementKind::suite},
    {"testcase", ElementKind::test},      {"failure", ElementKind::failure},
    {"error", ElementKind::error},        {"skipped", ElementKind::skipped},
    {"skip", ElementKind::skipped},       {"disabled", ElementKind::skipped},
    {"flakyFailure", ElementKind::flaky}, {"flakyError", ElementKind::flaky},
    {"rerunFailure", ElementKind::rerun}, {"rerunError", ElementKind::rerun},
    {"system-out", ElementKind::output},
};

constexpr std::pair<std::string_view, TestStatus> kStatuses[] = {
    {"fail", TestStatus::failed},        {"failed", TestStatus::failed},
    {"failure", TestStatus::failed},     {"error", TestStatus::errored},
    {"errored", TestStatus::errored},    {"skip", TestStatus::skipped},
    {"skipped", TestStatus::skipped},    {"disabled", TestStatus::skipped},
    {"notrun", TestStatus::skipped},     {"ignored", TestStatus::skipped},
    {"suppressed", TestStatus::skipped}, {"pending", TestStatus::skipped},
    {"undefined", TestStatus::skipped},  {"untested", TestStatus::skipped},
};

constexpr double kLongestSeconds = 1e9;

std::string lowered(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower;
}

// With a dot for the decimal point, whichever of dot and comma comes last, and no other marks. A
// lone comma followed by three digits is taken for a decimal one: "0,123" is what tools write.
std::string plain_number(std::string_view text) {
  const auto decimal = text.find_last_of(".,");
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_mark = text[at] == '.' || text[at] == ',';
    if (!is_mark) plain += text[at];
    if (at == decimal) plain += '.';
  }
  return plain;
}

}  // namespace

ElementKind element_kind(std::string_view element) {
  for (const auto& [name, kind] : kElements) {
    if (name == element) return kind;
  }
  return ElementKind::other;
}

TestStatus status_from_word(std::string_view word) {
  const std::string lower = lowered(word);
  for (const auto& [name, status] : kStatuses) {
    if (name == lower) return status;
  }
  return TestStatus::passed;
}

base::Duration parse_seconds(std::string_view text) {
  text = base::trim(text);
  if (text.ends_with('s')) text.remove_suffix(1);
  const std::string plain = plain_number(text);
  double seconds = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), seconds);
  const bool is_whole = error == std::errc() && end == plain.data() + plain.size();
  if (!is_whole || !(seconds > 0) || seconds > kLongestSeconds) return base::Duration{0};
  return base::Duration(std::llround(seconds * 1000.0));
}

std::uint32_t parse_line(std::string_view text) {
  std::uint32_t line = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), line);
  return error == std::errc() && end == text.data() + text.size() ? line : 0;
}

}  // namespace pipeline::report
