#include "pipelines/report/test_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pipelines/base/text.h"

namespace pipeline::report {

namespace {

constexpr std::array<std::pair<TestStatus, std::string_view>, 4> kWords = {
    {{TestStatus::passed, "passed"},
     {TestStatus::failed, "failed"},
     {TestStatus::errored, "errored"},
     {TestStatus::skipped, "skipped"}}};

constexpr std::string_view kEllipsis = "…";

void count(const TestCase& test, TestCounts& counts) {
  if (test.quarantined && is_failure(test)) {
    ++counts.quarantined;
    return;
  }
  if (test.flaky) ++counts.flaky;
  switch (test.status) {
    case TestStatus::passed:
      ++counts.passed;
      break;
    case TestStatus::failed:
      ++counts.failed;
      break;
    case TestStatus::errored:
      ++counts.errors;
      break;
    case TestStatus::skipped:
      ++counts.skipped;
      break;
  }
}

// Tools that put the class in front of the name already, or know no class and write the name twice.
bool repeats(std::string_view name, std::string_view group) {
  if (!name.starts_with(group)) return false;
  const std::string_view rest = name.substr(group.size());
  return rest.empty() || std::string_view(". :/#>[(").find(rest.front()) != std::string_view::npos;
}

void add_failures(const TestReport& report, bool quarantined, std::vector<FailedTest>& out) {
  for (const TestCase& test : report.tests) {
    if (out.size() == kMostFailedTests) return;
    if (!is_failure(test) || test.quarantined != quarantined) continue;
    out.push_back({shortened(full_name(test), kLongestMessage),
                   shortened(place_of(test.file, test.line), kLongestMessage),
                   shortened(test.message, kLongestMessage), quarantined});
  }
}

}  // namespace

std::string_view to_string(TestStatus status) {
  return std::ranges::find(kWords, status, &std::pair<TestStatus, std::string_view>::first)->second;
}

std::optional<TestStatus> test_status_from(std::string_view word) {
  for (const auto& [status, text] : kWords) {
    if (text == word) return status;
  }
  return std::nullopt;
}

bool is_failure(const TestCase& test) {
  return test.status == TestStatus::failed || test.status == TestStatus::errored;
}

std::string full_name(const TestCase& test) {
  const std::string& group = test.class_name.empty() ? test.suite : test.class_name;
  if (test.name.empty()) return group;
  if (group.empty() || repeats(test.name, group)) return test.name;
  return group + "." + test.name;
}

std::string place_of(const std::string& file, std::uint32_t line) {
  return file.empty() || line == 0 ? file : file + ":" + std::to_string(line);
}

double line_rate(const Coverage& coverage) {
  if (coverage.lines == 0) return 1;
  return static_cast<double>(coverage.lines_covered) / static_cast<double>(coverage.lines);
}

TestSummary summarise(const TestReport& report) {
  TestSummary summary;
  for (const TestCase& test : report.tests) count(test, summary.counts);
  add_failures(report, false, summary.failures);
  add_failures(report, true, summary.failures);
  summary.coverage = report.coverage;
  return summary;
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  std::size_t end = bytes - std::min(bytes, kEllipsis.size());
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + std::string(kEllipsis);
}

std::string in_words(const TestCounts& counts) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::uint64_t number, const std::string& word) {
    if (number > 0) parts.push_back(std::to_string(number) + " " + word);
  };
  add(counts.passed, "passed");
  add(counts.failed, "failed");
  add(counts.errors, counts.errors == 1 ? "error" : "errors");
  add(counts.skipped, "skipped");
  add(counts.quarantined, "quarantined");
  add(counts.flaky, "flaky");
  return parts.empty() ? "none" : base::join(parts, ", ");
}

std::string in_words(const Coverage& coverage) {
  const auto per_mille = static_cast<std::uint64_t>(line_rate(coverage) * 1000.0 + 1e-9);
  return std::to_string(per_mille / 10) + "." + std::to_string(per_mille % 10) + "% of lines";
}

}  // namespace pipeline::report
