// A report as one JSON object: {"version": 1, "tests": [{"suite", "class", "name", "file", "line",
// "ms", "status", "flaky", "quarantined", "message", "details"} …], "coverage": {"lines_covered",
// "lines"}}. What holds its initial value is left out. A field is never renamed; one that is
// unknown is ignored.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/report/test_report.h"

namespace pipeline::report {

// Where an attempt's report lies, below the directory of its log.
inline constexpr const char* kReportFile = "tests.json";

std::string to_json(const TestReport& report);
std::string to_json(const TestCase& test);  // one of "tests"
// ErrorKind::corrupt for what to_json() has not written.
base::Result<TestReport> report_from_json(std::string_view text);

}  // namespace pipeline::report
