#include "pipelines/retention/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pipeline::retention {
namespace {

using run::RunId;

constexpr base::TimePoint kNow(std::chrono::hours(1'000'000));

base::TimePoint days_ago(int days) {
  return kNow - std::chrono::hours(24 * days);
}

KnownRun ended(RunId id, int days, const std::string& pipeline = "shop") {
  return {id, "/srv/shop", pipeline, days_ago(days)};
}

TEST(Retention, TheNewestOfEachPipelineAndAllOfTheLastDaysAreKept) {
  const std::vector<KnownRun> runs = {ended(1, 90),        ended(2, 80), ended(3, 70),
                                      ended(4, 10),        ended(5, 9),  ended(6, 99, "docs"),
                                      ended(7, 98, "docs")};
  EXPECT_EQ(what_goes(runs, {}, {.keep_runs = 1}, kNow), (std::vector<RunId>{1, 2, 3, 6}));
  EXPECT_EQ(what_goes(runs, {}, {.keep_runs = 3}, kNow), (std::vector<RunId>{1, 2}));
  EXPECT_EQ(what_goes(runs, {}, {}, kNow), std::vector<RunId>{}) << "200 of each";
  EXPECT_EQ(what_goes(runs, {}, {1, std::chrono::hours(24 * 85)}, kNow),
            (std::vector<RunId>{1, 6}));
}

TEST(Retention, PipelinesOfOneNameInTwoRepositoriesAreTwo) {
  std::vector<KnownRun> runs = {ended(1, 90), ended(2, 80)};
  runs[1].repository = "/srv/other";
  EXPECT_EQ(what_goes(runs, {}, {.keep_runs = 1}, kNow), std::vector<RunId>{});
}

TEST(Retention, WhatIsUnderWayOrNamedStays) {
  std::vector<KnownRun> runs = {ended(1, 90), ended(2, 80), ended(3, 1)};
  runs[0].finished_at.reset();
  EXPECT_EQ(what_goes(runs, {}, {.keep_runs = 1}, kNow), std::vector<RunId>{2});
  EXPECT_EQ(what_goes(runs, {2}, {.keep_runs = 1}, kNow), std::vector<RunId>{});
}

TEST(Retention, WhatIsMoreThanItsPipelineMayHoldGoes) {
  std::vector<KnownRun> runs = {ended(1, 4), ended(2, 3), ended(3, 2), ended(4, 1)};
  for (KnownRun& run : runs) run.bytes = 10;
  const auto gone = [&](std::uint64_t bytes, const std::set<RunId>& named = {}) {
    return what_goes(runs, named, {.keep_bytes = bytes}, kNow);
  };
  EXPECT_EQ(gone(40), std::vector<RunId>{});
  EXPECT_EQ(gone(39), std::vector<RunId>{1});
  EXPECT_EQ(gone(20), (std::vector<RunId>{1, 2}));
  EXPECT_EQ(gone(20, {2}), std::vector<RunId>{1});
  EXPECT_EQ(gone(0), (std::vector<RunId>{1, 2, 3})) << "the newest always stays";
  runs[0].pipeline = "other";
  EXPECT_EQ(gone(30), std::vector<RunId>{});
  runs[1].finished_at = kNow;
  EXPECT_EQ(gone(20), std::vector<RunId>{}) << "it has just ended";
}

TEST(Retention, NothingGoesThatHasJustEnded) {
  std::vector<KnownRun> runs = {ended(1, 0), ended(2, 0)};
  runs[0].finished_at = kNow - kGrace + std::chrono::seconds(1);
  const Policy nothing{.keep_runs = 1, .keep_for = base::Duration(0)};
  EXPECT_EQ(what_goes(runs, {}, nothing, kNow), std::vector<RunId>{});
  EXPECT_EQ(what_goes(runs, {}, nothing, kNow + std::chrono::minutes(1)), std::vector<RunId>{1});
}

class RetentionOfAny : public testing::TestWithParam<unsigned> {
 protected:
  int upto(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  std::vector<KnownRun> any_runs() {
    std::vector<KnownRun> runs;
    const int count = upto(60);
    for (int i = 1; i <= count; ++i) {
      KnownRun run = ended(static_cast<RunId>(i), upto(100), upto(1) == 0 ? "a" : "b");
      if (upto(9) == 0) run.finished_at.reset();
      run.bytes = static_cast<std::uint64_t>(upto(20));
      runs.push_back(run);
    }
    std::shuffle(runs.begin(), runs.end(), random_);
    return runs;
  }
  std::mt19937 random_{GetParam()};
};

TEST_P(RetentionOfAny, HoldsWhatItPromises) {
  const auto runs = any_runs();
  std::set<RunId> named;
  for (const auto& run : runs)
    if (upto(9) == 0) named.insert(run.id);
  const Policy policy{static_cast<std::size_t>(upto(10)), std::chrono::hours(24 * upto(60))};
  const auto gone = what_goes(runs, named, policy, kNow);
  const auto goes = [&](RunId id) { return std::ranges::count(gone, id) == 1; };
  EXPECT_TRUE(std::ranges::is_sorted(gone));
  RunId newest = 0;
  for (const auto& run : runs) {
    newest = std::max(newest, run.id);
    const auto newer = std::ranges::count_if(runs, [&](const KnownRun& other) {
      return other.pipeline == run.pipeline && other.id > run.id;
    });
    const bool may_go = run.finished_at && !named.contains(run.id) &&
                        newer >= static_cast<long>(std::max<std::size_t>(policy.keep_runs, 1)) &&
                        *run.finished_at < kNow - std::max(policy.keep_for, kGrace);
    EXPECT_EQ(goes(run.id), may_go) << run.id;
  }
  EXPECT_FALSE(newest != 0 && goes(newest)) << "its number would be given again";
}

TEST_P(RetentionOfAny, WhatALessGenerousPolicyKeepsAMoreGenerousOneDoes) {
  const auto runs = any_runs();
  const auto bytes = static_cast<std::uint64_t>(upto(300));
  const auto gone_of = [&](std::optional<std::uint64_t> keep_bytes) {
    return what_goes(runs, {}, {.keep_runs = 3, .keep_bytes = keep_bytes}, kNow);
  };
  EXPECT_TRUE(std::ranges::includes(gone_of(bytes), gone_of(bytes + 50)));
  EXPECT_TRUE(std::ranges::includes(gone_of(bytes), gone_of(std::nullopt)));
}

TEST_P(RetentionOfAny, ASecondTimeNothingGoes) {
  auto runs = any_runs();
  const Policy policy{static_cast<std::size_t>(upto(10)), std::chrono::hours(24 * upto(60)),
                      static_cast<std::uint64_t>(upto(300))};
  const auto gone = what_goes(runs, {}, policy, kNow);
  std::erase_if(runs, [&](const KnownRun& run) { return std::ranges::count(gone, run.id) > 0; });
  EXPECT_EQ(what_goes(runs, {}, policy, kNow), std::vector<RunId>{});
}

TEST_P(RetentionOfAny, WithTimeMoreGoesAndNothingComesBack) {
  const auto runs = any_runs();
  const auto gone = what_goes(runs, {}, {.keep_runs = 2}, kNow);
  const auto later =
      what_goes(runs, {}, {.keep_runs = 2}, kNow + std::chrono::hours(24 * upto(60)));
  EXPECT_TRUE(std::ranges::includes(later, gone));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RetentionOfAny, testing::Range(0U, 200U));

}  // namespace
}  // namespace pipeline::retention
