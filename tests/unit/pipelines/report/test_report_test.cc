#include "pipelines/report/test_report.h"

#include <gtest/gtest.h>

#include "pipelines/report/quarantine.h"
#include "pipelines/report/report_json.h"

namespace pipeline::report {
namespace {

TestCase test_of(const std::string& class_name, const std::string& name,
                 TestStatus status = TestStatus::passed) {
  TestCase test;
  test.class_name = class_name;
  test.name = name;
  test.status = status;
  return test;
}

TEST(FullName, SaysTheClassOnce) {
  EXPECT_EQ(full_name(test_of("Cart", "Total")), "Cart.Total");
  EXPECT_EQ(full_name(test_of("Cart", "Cart")), "Cart");
  EXPECT_EQ(full_name(test_of("cart", "cart adds up")), "cart adds up");
  EXPECT_EQ(full_name(test_of("A", "AddsUp")), "A.AddsUp");
  EXPECT_EQ(full_name(test_of("", "a")), "a");
  EXPECT_EQ(full_name(test_of("a", "")), "a");
}

TEST(Counting, CountsEachTestOnce) {
  TestReport report;
  report.tests = {test_of("c", "a"), test_of("c", "b", TestStatus::failed),
                  test_of("c", "d", TestStatus::errored), test_of("c", "e", TestStatus::skipped),
                  test_of("c", "f", TestStatus::failed)};
  report.tests[0].flaky = true;
  quarantine(report, {"c.f", "c.a"});
  const TestSummary summary = summarise(report);
  EXPECT_EQ(summary.counts, (TestCounts{1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(in_words(summary.counts),
            "1 passed, 1 failed, 1 error, 1 skipped, 1 quarantined, 1 flaky");
  ASSERT_EQ(summary.failures.size(), 3U);
  EXPECT_EQ(summary.failures[2].name, "c.f") << "what counts comes first";
}

TEST(Coverages, ReadHundredOnlyWhenAllIsCovered) {
  EXPECT_EQ(in_words(Coverage{9999, 10000}), "99.9% of lines");
  EXPECT_EQ(in_words(Coverage{10000, 10000}), "100.0% of lines");
  EXPECT_EQ(in_words(Coverage{832, 1000}), "83.2% of lines");
  EXPECT_EQ(in_words(Coverage{}), "100.0% of lines");
}

TEST(Shortening, CutsBetweenCodePoints) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcdef", 5), "ab…");
  EXPECT_EQ(shortened("ééé", 5), "é…");
}

TEST(Quarantine, MatchesAcrossEverySign) {
  EXPECT_TRUE(matches_name("Cart.*", "Cart.Total/1[a b]"));
  EXPECT_TRUE(matches_name("*Total*", "Cart.Total"));
  EXPECT_TRUE(matches_name("C?rt.[a]", "Cart.[a]"));
  EXPECT_FALSE(matches_name("Cart", "Cart.Total"));
  EXPECT_FALSE(matches_name("Cart.*x", "Cart.Total"));
  EXPECT_TRUE(matches_name("", ""));
}

TEST(Quarantine, ForgivesOnlyWhenEveryFailureIsIn) {
  TestReport report;
  report.tests = {test_of("c", "a"), test_of("c", "b", TestStatus::failed)};
  EXPECT_FALSE(only_quarantined_failed(report));
  quarantine(report, {"c.b"});
  EXPECT_TRUE(only_quarantined_failed(report));
  report.tests.push_back(test_of("c", "d", TestStatus::errored));
  EXPECT_FALSE(only_quarantined_failed(report));
  report.tests.resize(1);
  EXPECT_FALSE(only_quarantined_failed(report)) << "a failure without a failed test is not theirs";
}

TEST(ReportJson, ReadsWhatItWrites) {
  TestReport report;
  TestCase full{"s",  "c",  "n", "f.cc",    3, base::Duration(7), TestStatus::failed,
                true, true, "m", "d\n\"é\""};
  report.tests = {full, test_of("", "a")};
  report.coverage = Coverage{1, 2};
  const auto again = report_from_json(to_json(report));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, report);
}

TEST(ReportJson, RefusesDamage) {
  for (const char* damaged :
       {"", "[]", "{}", R"({"tests": [1]})", R"({"tests": [{"name": "a"}]})",
        R"({"tests": [{"name": 1, "status": "passed"}]})", R"({"tests": [], "coverage": 1})"}) {
    const auto read = report_from_json(damaged);
    ASSERT_FALSE(read) << damaged;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt);
  }
}

}  // namespace
}  // namespace pipeline::report
