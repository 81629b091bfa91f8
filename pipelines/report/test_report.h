// What the tests of one job came to, in one form whatever tool reported it. Plain values; made by
// stages/report, bounded there, kept as report_json.h says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"

namespace pipeline::report {

enum class TestStatus { passed, failed, errored, skipped };

std::string_view to_string(TestStatus status);
std::optional<TestStatus> test_status_from(std::string_view word);

struct TestCase {
  std::string suite;       // the named suites around it, outermost first, joined by " > "
  std::string class_name;  // what the tool calls `classname`; may be empty
  std::string name;
  std::string file;        // of the failure, else of the test, as far as the tool tells; else empty
  std::uint32_t line = 0;  // 1, 2, 3 …; 0: unknown
  base::Duration duration{0};
  TestStatus status = TestStatus::passed;
  bool flaky = false;        // passed, but only after it was run again
  bool quarantined = false;  // failed, and that does not count
  std::string message;       // one line of why it did not pass
  std::string details;       // what the tool printed with it
  bool operator==(const TestCase&) const = default;
};

// Failed or errored.
bool is_failure(const TestCase& test);
// By what people call it, quarantine lists name it and its history is kept: class (else suite) and
// name with a dot between them, the class only once.
std::string full_name(const TestCase& test);
// "src/cart_test.cc:41", "src/cart_test.cc", or nothing.
std::string place_of(const std::string& file, std::uint32_t line);

struct Coverage {
  std::uint64_t lines_covered = 0;
  std::uint64_t lines = 0;
  bool operator==(const Coverage&) const = default;
};
// 0 to 1; nothing to cover is covered.
double line_rate(const Coverage& coverage);

struct TestReport {
  std::vector<TestCase> tests;
  std::optional<Coverage> coverage;
  bool operator==(const TestReport&) const = default;
};

struct TestCounts {
  std::uint64_t passed = 0;  // flaky ones too
  std::uint64_t failed = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  std::uint64_t quarantined = 0;  // failed or with an error, and counted here only
  std::uint64_t flaky = 0;        // of those that passed
  bool operator==(const TestCounts&) const = default;
};

// One of the failing tests, as far as a display of the run needs it.
struct FailedTest {
  std::string name;   // full_name
  std::string place;  // place_of, may be empty
  std::string message;
  bool quarantined = false;
  bool operator==(const FailedTest&) const = default;
};

inline constexpr std::size_t kMostFailedTests = 20;
inline constexpr std::size_t kLongestMessage = 400;  // bytes, in a summary

// What the end of a job says of its report: small, whatever the report's size.
struct TestSummary {
  TestCounts counts;
  std::vector<FailedTest> failures;  // the first ones; those that count come first
  std::optional<Coverage> coverage;
  bool operator==(const TestSummary&) const = default;
};

TestSummary summarise(const TestReport& report);

// At most `bytes` long, cut between code points, "…" at the end when something was cut.
std::string shortened(std::string_view text, std::size_t bytes);

// "41 passed, 2 failed, 1 error, 1 skipped, 1 quarantined, 1 flaky": what there is any of.
std::string in_words(const TestCounts& counts);
// "83.2% of lines", rounded down, so that only full coverage reads 100.0.
std::string in_words(const Coverage& coverage);

}  // namespace pipeline::report
