// The words of JUnit XML's dialects: element names, statuses, and how numbers are spelled. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "pipelines/report/test_report.h"

namespace pipeline::report {

enum class ElementKind {
  suites,
  suite,
  test,
  failure,
  error,
  skipped,
  flaky,  // a run before the one that passed
  rerun,  // a further run of a test that failed in the end
  output,
  other,
};
ElementKind element_kind(std::string_view element);

// Of `status` and `result` attributes; passed for words that say nothing ("run", "completed").
TestStatus status_from_word(std::string_view word);

// Seconds: "0.25", "1,234.5" and "1.234,5" with thousands, "0,25", "1e-05"; 0 for anything else.
base::Duration parse_seconds(std::string_view text);
// 0 for what is no line number.
std::uint32_t parse_line(std::string_view text);

}  // namespace pipeline::report
