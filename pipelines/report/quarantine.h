// Tests that are known to fail now and then: reported, but a job does not fail by them.
//
// A pattern is a full name (test_report.h) in which `*` stands for any characters, none too, and
// `?` for one. Names hold slashes, brackets and dots of every tool's taste, so nothing else is
// special.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/report/test_report.h"

namespace pipeline::report {

bool matches_name(std::string_view pattern, std::string_view name);

// Marks the failing tests that a pattern names.
void quarantine(TestReport& report, const std::vector<std::string>& patterns);

// Whether tests failed, and none that is not quarantined.
bool only_quarantined_failed(const TestReport& report);

}  // namespace pipeline::report
