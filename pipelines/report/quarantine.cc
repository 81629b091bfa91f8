#include "pipelines/report/quarantine.h"

#include <algorithm>

namespace pipeline::report {

bool matches_name(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t in_name = 0;
  // Where the latest star stands, and how far it reached when it was tried last.
  std::size_t star = std::string_view::npos;
  std::size_t reached = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      reached = in_name;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[in_name])) {
      ++at;
      ++in_name;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_name = ++reached;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

void quarantine(TestReport& report, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return;
  for (TestCase& test : report.tests) {
    if (!is_failure(test)) continue;
    const std::string name = full_name(test);
    test.quarantined = std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return matches_name(pattern, name); });
  }
}

bool only_quarantined_failed(const TestReport& report) {
  const auto counts = [](const TestCase& test) { return is_failure(test) && !test.quarantined; };
  const auto quarantined = [](const TestCase& test) {
    return is_failure(test) && test.quarantined;
  };
  return std::ranges::any_of(report.tests, quarantined) &&
         std::ranges::none_of(report.tests, counts);
}

}  // namespace pipeline::report
