#include "runner/cli/render/tests.h"

#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace pipeline::render {
namespace {

using report::TestStatus;

report::TestCase test_of(const std::string& name, TestStatus status, int ms) {
  report::TestCase test;
  test.class_name = "cart";
  test.name = name;
  test.status = status;
  test.duration = base::Duration(ms);
  return test;
}

std::vector<JobTests> jobs() {
  JobTests unit{"unit", {}, ""};
  auto& tests = unit.report.tests;
  tests = {test_of("adds up", TestStatus::passed, 3), test_of("ships", TestStatus::skipped, 0),
           test_of("known", TestStatus::failed, 1500), test_of("total", TestStatus::failed, 61'000),
           test_of("again", TestStatus::passed, 20)};
  tests[2].quarantined = true;
  tests[3].file = "t/cart_test.cc";
  tests[3].line = 41;
  tests[3].message = "expected 3, got \x1b[31m4";
  tests[3].details = "t/cart_test.cc:41: Failure\nexpected 3\n" + std::string(40, '\n') + "end";
  tests[4].flaky = true;
  unit.report.coverage = report::Coverage{832, 1000};
  JobTests lint{"lint", {}, "from run 3"};
  lint.report.tests = {test_of("style", TestStatus::errored, 0)};
  return {unit, lint};
}

const std::vector<store::FlakyTest> kFlaky = {{"unit", "cart.adds up", "c0ffee00c0ffee00", 3, 1},
                                              {"unit", "cart.gone", "c0ffee", 1, 1}};

TEST(Tests, OfARunAreToldFailuresFirst) {
  EXPECT_TRUE(support::matches_golden("render/tests.txt",
                                      tests_text(jobs(), kFlaky, TestsWanted::all, Color::no, 80)));
}

TEST(Tests, CanBeChosen) {
  std::string text;
  for (const auto wanted : {TestsWanted::failed, TestsWanted::slow, TestsWanted::flaky}) {
    text += tests_text(jobs(), kFlaky, wanted, Color::no, 80) + "---\n" +
            tests_text({}, {}, wanted, Color::no, 80) + "---\n";
  }
  EXPECT_TRUE(support::matches_golden("render/tests_chosen.txt", text));
}

TEST(Tests, AreLinesOfJson) {
  EXPECT_TRUE(
      support::matches_golden("render/tests.jsonl", tests_json(jobs(), kFlaky, TestsWanted::all)));
}

TEST(Tests, HaveAHistory) {
  const base::TimePoint now{std::chrono::hours(500'000)};
  const std::vector<store::PastResult> results = {
      {"unit", "cart.total", 12, 2, "c0ffee00c0ffee00", now - std::chrono::minutes(5),
       TestStatus::passed, true, base::Duration(12)},
      {"unit", "cart.total", 12, 1, "c0ffee00c0ffee00", now - std::chrono::hours(2),
       TestStatus::failed, false, base::Duration(2500)}};
  EXPECT_TRUE(support::matches_golden(
      "render/tests_history.txt",
      history_text(results, now, Color::no, 80) + "---\n" + history_json(results)));
}

}  // namespace
}  // namespace pipeline::render
