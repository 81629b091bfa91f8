// What every TestHistory promises, held against each implementation.
#include "runner/store/test_history.h"

#include <gtest/gtest.h>

#include <functional>

#include "runner/store/sqlite/sqlite_test_history.h"
#include "tests/support/store/memory_test_history.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using report::TestStatus;

struct Implementation {
  const char* name;
  std::function<std::unique_ptr<TestHistory>(const Paths&)> make;
};

class TestHistoryContract : public testing::TestWithParam<Implementation> {
 protected:
  static report::TestReport report_of(TestStatus status, const std::string& name = "total") {
    report::TestCase test;
    test.class_name = "cart";
    test.name = name;
    test.status = status;
    test.duration = base::Duration(7);
    return {{test}, std::nullopt};
  }
  static TestedJob job(run::RunId run, const std::string& tree, std::uint32_t attempt = 1) {
    return {"/srv/shop", "shop", "unit", run, attempt, tree, base::TimePoint{}};
  }
  void record(const TestedJob& of, const report::TestReport& report) {
    const auto recorded = history_->record(of, report);
    ASSERT_TRUE(recorded) << recorded.error().to_string();
  }
  std::vector<PastResult> results(const std::string& pattern = "*", std::size_t limit = 1000) {
    return history_->results("/srv/shop", "shop", pattern, limit).value();
  }
  std::vector<FlakyTest> flaky() { return history_->flaky("/srv/shop", "shop").value(); }

  support::TemporaryDirectory directory_;
  std::unique_ptr<TestHistory> history_ = GetParam().make(Paths(directory_.path()));
};

TEST_P(TestHistoryContract, GivesResultsBackNewestFirst) {
  record(job(1, "t1"), report_of(TestStatus::failed));
  record(job(2, "t2"), report_of(TestStatus::passed));
  record(job(1, "t1", 2), report_of(TestStatus::skipped));
  const auto all = results("cart.*");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], (PastResult{"unit", "cart.total", 2, 1, "t2", base::TimePoint{},
                                TestStatus::passed, false, base::Duration(7)}));
  EXPECT_EQ(all[1].status, TestStatus::skipped);
  EXPECT_EQ(all[2].status, TestStatus::failed);
  EXPECT_EQ(results("*", 1).size(), 1U);
  EXPECT_TRUE(results("carts.*").empty());
  EXPECT_TRUE(history_->results("/srv/shop", "other", "*", 9)->empty());
  EXPECT_TRUE(history_->results("/srv/other", "shop", "*", 9)->empty());
}

TEST_P(TestHistoryContract, TheSameAttemptAgainReplacesWhatWasThere) {
  record(job(1, "t"), report_of(TestStatus::failed));
  record(job(1, "t"), report_of(TestStatus::passed, "other"));
  ASSERT_EQ(results().size(), 1U);
  EXPECT_EQ(results()[0].test, "cart.other");
}

TEST_P(TestHistoryContract, FlakyIsBothResultsOnOneTreeInOneJob) {
  record(job(1, "t1"), report_of(TestStatus::failed));
  record(job(2, "t2"), report_of(TestStatus::passed));
  TestedJob other = job(3, "t1");
  other.job = "nightly";
  record(other, report_of(TestStatus::passed));
  EXPECT_TRUE(flaky().empty());
  record(job(4, "t1"), report_of(TestStatus::passed));
  record(job(4, "t1", 2), report_of(TestStatus::errored));
  EXPECT_EQ(flaky(), (std::vector<FlakyTest>{{"unit", "cart.total", "t1", 1, 2}}));
  record(job(5, "t2"), report_of(TestStatus::failed));
  EXPECT_EQ(flaky(), (std::vector<FlakyTest>{{"unit", "cart.total", "t2", 1, 1}}));
}

TEST_P(TestHistoryContract, OneReportMayHoldBothResultsOfOneTest) {
  report::TestReport both = report_of(TestStatus::failed);
  both.tests.push_back(report_of(TestStatus::passed).tests[0]);
  both.tests.push_back(report_of(TestStatus::passed).tests[0]);
  record(job(1, "t"), both);
  EXPECT_EQ(results().size(), 2U);
  EXPECT_EQ(flaky(), (std::vector<FlakyTest>{{"unit", "cart.total", "t", 1, 1}}));
}

TEST_P(TestHistoryContract, KeepsTheNewestOfEachTest) {
  record(job(1, "t"), report_of(TestStatus::passed, "old"));
  for (run::RunId run = 2; run <= kKeptResults + 5; ++run) {
    record(job(run, "t"), report_of(TestStatus::passed));
  }
  EXPECT_EQ(results("cart.old").size(), 1U);
  const auto kept = results("cart.total");
  EXPECT_GE(kept.size(), kKeptResults);
  EXPECT_LE(kept.size(), kKeptResults + 1);
  EXPECT_EQ(kept.front().run, kKeptResults + 5);
}

TEST_P(TestHistoryContract, TellsTheNewestAttemptOfEachJobOldestRunFirst) {
  TestedJob other = job(2, "t");
  other.job = "integration";
  record(other, report_of(TestStatus::passed));
  record(job(1, "t", 2), report_of(TestStatus::passed, "other"));
  record(job(3, "t", 1), report_of(TestStatus::failed));
  record(job(3, "t", 2), report_of(TestStatus::passed));
  EXPECT_EQ(history_->latest("/srv/shop", "shop").value(),
            (std::vector<TestedAttempt>{{"integration", 2, 1}, {"unit", 3, 2}}));
  EXPECT_TRUE(history_->latest("/srv/shop", "other")->empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, TestHistoryContract,
    testing::Values(Implementation{"sqlite",
                                   [](const Paths& paths) {
                                     return open_sqlite_test_history(paths).value();
                                   }},
                    Implementation{"memory",
                                   [](const Paths& /*paths*/) -> std::unique_ptr<TestHistory> {
                                     return std::make_unique<support::MemoryTestHistory>();
                                   }}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pipeline::store
