#include "runner/cli/render/tests.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "pipelines/report/report_json.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/table.h"
#include "runner/store/test_history_json.h"

namespace pipeline::render {

namespace {

constexpr std::size_t kSlowestBeside = 5;  // failures
constexpr std::size_t kSlowest = 50;
constexpr std::size_t kDetailLines = 30;
constexpr std::size_t kShortTree = 8;

using report::TestCase;
using report::TestStatus;

struct Named {
  const JobTests* job;
  const TestCase* test;
};

class Flakiness {
 public:
  explicit Flakiness(const std::vector<store::FlakyTest>& tests) {
    for (const auto& test : tests) known_.emplace(std::pair(test.job, test.test), &test);
  }
  const store::FlakyTest* find(const Named& one) const {
    const auto found = known_.find({one.job->job, report::full_name(*one.test)});
    return found == known_.end() ? nullptr : found->second;
  }
  bool is_flaky(const Named& one) const { return one.test->flaky || find(one) != nullptr; }

 private:
  std::map<std::pair<std::string, std::string>, const store::FlakyTest*> known_;
};

std::vector<Named> all_of(const std::vector<JobTests>& jobs) {
  std::vector<Named> tests;
  for (const JobTests& job : jobs) {
    for (const TestCase& test : job.report.tests) tests.push_back({&job, &test});
  }
  return tests;
}

// Those that count first; else in the order in which the tools tell them.
std::vector<Named> failed_of(const std::vector<Named>& tests) {
  std::vector<Named> failed;
  for (const Named& one : tests) {
    if (report::is_failure(*one.test)) failed.push_back(one);
  }
  std::ranges::stable_sort(failed, {}, [](const Named& one) { return one.test->quarantined; });
  return failed;
}

std::vector<Named> slowest_of(const std::vector<Named>& tests, std::size_t count) {
  std::vector<Named> slow;
  for (const Named& one : tests) {
    if (one.test->duration.count() > 0) slow.push_back(one);
  }
  std::ranges::stable_sort(slow, std::ranges::greater{},
                           [](const Named& one) { return one.test->duration; });
  if (slow.size() > count) slow.resize(count);
  return slow;
}

// Each name once, however often its tool ran it.
std::vector<Named> flaky_of(const std::vector<Named>& tests, const Flakiness& flakiness) {
  std::vector<Named> flaky;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Named& one : tests) {
    const bool is_new =
        flakiness.is_flaky(one) && seen.emplace(one.job->job, report::full_name(*one.test)).second;
    if (is_new) flaky.push_back(one);
  }
  return flaky;
}

std::string seconds_of(base::Duration duration) {
  if (duration.count() > 0 && duration < std::chrono::seconds(1)) {
    return std::to_string(duration.count()) + "ms";
  }
  return base::format_elapsed(duration);
}

std::string details_of(const TestCase& test, Color color) {
  const std::vector<std::string> lines = base::split(test.details, '\n');
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kDetailLines; ++i) {
    text += paint("  |", Tint::dim, color) + " " + base::printable(lines[i]) + "\n";
  }
  if (lines.size() > kDetailLines) {
    text += paint("  |", Tint::dim, color) + " … " + std::to_string(lines.size() - kDetailLines) +
            " more lines: --json\n";
  }
  return text;
}

std::string failure_of(const Named& one, Color color) {
  const TestCase& test = *one.test;
  const Tint tint = test.quarantined ? Tint::warn : Tint::bad;
  std::string text =
      paint(test.quarantined ? "quarantined" : report::to_string(test.status), tint, color) + " " +
      one_line(report::full_name(test));
  if (const std::string place = report::place_of(test.file, test.line); !place.empty()) {
    text += "  " + one_line(place);
  }
  text += "  (" + one.job->job;
  if (test.duration.count() > 0) text += ", " + seconds_of(test.duration);
  text += ")\n";
  if (!test.message.empty()) text += "  " + one_line(test.message) + "\n";
  const bool says_more = base::trim(test.details) != base::trim(test.message);
  return says_more && !test.details.empty() ? text + details_of(test, color) : text;
}

std::string heads_of(const std::vector<JobTests>& jobs) {
  std::string text;
  for (const JobTests& job : jobs) {
    const report::TestSummary summary = report::summarise(job.report);
    std::vector<std::string> parts;
    if (!job.report.tests.empty()) parts.push_back(report::in_words(summary.counts));
    if (summary.coverage) parts.push_back(report::in_words(*summary.coverage));
    if (!job.note.empty()) parts.push_back(job.note);
    text += job.job + ": " + (parts.empty() ? "none" : base::join(parts, "; ")) + "\n";
  }
  return text;
}

std::string slow_table(const std::vector<Named>& tests, Color color, std::size_t width) {
  Table table({"time", "stage", "test"});
  for (const Named& one : tests) {
    table.add({{seconds_of(one.test->duration)},
               {one.job->job},
               {one_line(report::full_name(*one.test))}});
  }
  return table.empty() ? "no test says how long it took\n" : table.render(color, width);
}

std::string flaky_table(const std::vector<Named>& tests, const Flakiness& flakiness, Color color,
                        std::size_t width) {
  Table table({"stage", "test", "why"});
  for (const Named& one : tests) {
    std::string why = "passed when it was run again";
    if (const store::FlakyTest* both = flakiness.find(one)) {
      why = "passed " + std::to_string(both->passed) + " times, failed " +
            std::to_string(both->failed) + " on tree " + both->tree.substr(0, kShortTree);
    }
    table.add({{one.job->job}, {one_line(report::full_name(*one.test))}, {std::move(why)}});
  }
  return table.empty() ? "no flaky test\n" : table.render(color, width);
}

std::string failed_text(const std::vector<Named>& failed, Color color) {
  std::string text;
  for (const Named& one : failed) text += (text.empty() ? "" : "\n") + failure_of(one, color);
  return text.empty() ? "no test failed\n" : text;
}

std::vector<Named> chosen(const std::vector<Named>& tests, const Flakiness& flakiness,
                          TestsWanted wanted) {
  switch (wanted) {
    case TestsWanted::all:
      break;
    case TestsWanted::failed:
      return failed_of(tests);
    case TestsWanted::slow:
      return slowest_of(tests, kSlowest);
    case TestsWanted::flaky:
      return flaky_of(tests, flakiness);
  }
  return tests;
}

}  // namespace

std::string tests_text(const std::vector<JobTests>& jobs,
                       const std::vector<store::FlakyTest>& flaky, TestsWanted wanted, Color color,
                       std::size_t width) {
  const Flakiness flakiness(flaky);
  const std::vector<Named> tests = all_of(jobs);
  const std::vector<Named> shown = chosen(tests, flakiness, wanted);
  switch (wanted) {
    case TestsWanted::failed:
      return failed_text(shown, color);
    case TestsWanted::slow:
      return slow_table(shown, color, width);
    case TestsWanted::flaky:
      return flaky_table(shown, flakiness, color, width);
    case TestsWanted::all:
      break;
  }
  std::string text = heads_of(jobs);
  if (const auto failed = failed_of(tests); !failed.empty()) {
    text += "\n" + failed_text(failed, color);
  }
  if (const auto unsteady = flaky_of(tests, flakiness); !unsteady.empty()) {
    text += "\nflaky\n" + flaky_table(unsteady, flakiness, color, width);
  }
  if (const auto slow = slowest_of(tests, kSlowestBeside); !slow.empty()) {
    text += "\nslowest\n" + slow_table(slow, color, width);
  }
  return text;
}

std::string tests_json(const std::vector<JobTests>& jobs,
                       const std::vector<store::FlakyTest>& flaky, TestsWanted wanted) {
  const Flakiness flakiness(flaky);
  std::string text;
  for (const Named& one : chosen(all_of(jobs), flakiness, wanted)) {
    boost::json::object object = boost::json::parse(report::to_json(*one.test)).as_object();
    object["job"] = one.job->job;
    object["test"] = report::full_name(*one.test);
    if (flakiness.is_flaky(one)) object["flaky"] = true;
    text += boost::json::serialize(object) + "\n";
  }
  return text;
}

std::string history_text(const std::vector<store::PastResult>& results, base::TimePoint now,
                         Color color, std::size_t width) {
  Table table({"run", "stage", "status", "time", "tree", "when", "test"});
  for (const store::PastResult& result : results) {
    const auto ago = std::chrono::duration_cast<base::Duration>(now - result.at);
    const bool failed = result.status == TestStatus::failed || result.status == TestStatus::errored;
    const std::string again = result.attempt > 1 ? "." + std::to_string(result.attempt) : "";
    table.add({{std::to_string(result.run) + again},
               {result.job},
               {result.flaky ? "flaky" : std::string(report::to_string(result.status)),
                failed ? Tint::bad : Tint::none},
               {seconds_of(result.duration)},
               {result.tree.substr(0, kShortTree)},
               {base::format_elapsed(ago) + " ago"},
               {one_line(result.test)}});
  }
  return table.render(color, width);
}

std::string history_json(const std::vector<store::PastResult>& results) {
  std::string text;
  for (const store::PastResult& result : results) {
    text += boost::json::serialize(store::json_of(result)) + "\n";
  }
  return text;
}

}  // namespace pipeline::render
