// What the tests of a run came to, for a person: failures first, then what took longest; flaky
// ones; one test across runs. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/report/test_report.h"
#include "runner/cli/render/style.h"
#include "runner/store/test_history.h"

namespace pipeline::render {

struct JobTests {
  std::string job;
  report::TestReport report;
  std::string note;  // "from run 11", or why the report is not there; may be empty
};

enum class TestsWanted { all, failed, slow, flaky };

// `flaky` are those known from the history. Ends in a newline; `width` 0: never cut.
std::string tests_text(const std::vector<JobTests>& jobs,
                       const std::vector<store::FlakyTest>& flaky, TestsWanted wanted, Color color,
                       std::size_t width);
// A test a line: what is in the report, and its `job`; `flaky` also when the history says so.
std::string tests_json(const std::vector<JobTests>& jobs,
                       const std::vector<store::FlakyTest>& flaky, TestsWanted wanted);

std::string history_text(const std::vector<store::PastResult>& results, base::TimePoint now,
                         Color color, std::size_t width);
std::string history_json(const std::vector<store::PastResult>& results);

}  // namespace pipeline::render
