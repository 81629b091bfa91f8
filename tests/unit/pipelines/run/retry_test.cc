#include "pipelines/run/retry.h"

#include <gtest/gtest.h>

#include "tests/support/plans.h"
#include "tests/unit/pipelines/run/run_driver.h"

namespace pipeline::run {
namespace {

using model::RetrySpec;
using std::chrono::hours;
using std::chrono::seconds;

// `flaky`, which has the policy, and `ship`, which needs it.
RunDriver begun_with(RetrySpec retry) {
  RunDriver driver(
      support::make_test_plan({{.name = "flaky", .retry = retry}, {"ship", {"flaky"}}}));
  driver.begin();
  return driver;
}

constexpr RetrySpec kOnFailure{.max = 2, .on_errored = true, .on_failed = true};

TEST(Retry, GivesAFurtherAttemptAndKeepsWhatNeedsItWaiting) {
  RunDriver driver = begun_with(kOnFailure);
  driver.finish("flaky", JobStatus::failed);
  EXPECT_EQ(driver.status("flaky"), JobStatus::queued);
  EXPECT_EQ(driver.job("flaky").attempt, 2U);
  EXPECT_EQ(driver.reason("ship"), "waiting for flaky");
  driver.finish("flaky", JobStatus::succeeded);
  EXPECT_EQ(driver.status("ship"), JobStatus::queued);
}

TEST(Retry, StopsAtItsMaximumAndThenTheEndStands) {
  RunDriver driver = begun_with(kOnFailure);
  for (int end = 0; end < 3; ++end) driver.finish("flaky", JobStatus::failed);
  EXPECT_EQ(driver.job("flaky").attempt, 3U);
  EXPECT_EQ(driver.status("flaky"), JobStatus::failed);
  EXPECT_EQ(driver.status("ship"), JobStatus::skipped);
  EXPECT_EQ(driver.state().status, RunStatus::failed);
}

TEST(Retry, ByDefaultAnswersOurOwnFailuresOnly) {
  for (const auto& [end, again] : {std::pair{JobStatus::errored, true},
                                   {JobStatus::failed, false},
                                   {JobStatus::timed_out, false},
                                   {JobStatus::cancelled, false}}) {
    RunDriver driver = begun_with({});
    driver.finish("flaky", end);
    EXPECT_EQ(driver.job("flaky").attempt == 2, again) << to_string(end);
  }
}

TEST(Retry, AnswersATimeoutWhenAskedTo) {
  RunDriver driver = begun_with({.on_timeout = true});
  driver.finish("flaky", JobStatus::timed_out);
  EXPECT_EQ(driver.job("flaky").attempt, 2U);
}

TEST(Retry, WaitsLongerEachTime) {
  RunDriver driver = begun_with({.max = 3, .on_failed = true, .backoff = seconds(5)});
  for (const int wait : {5, 10, 20}) {
    driver.finish("flaky", JobStatus::failed);
    EXPECT_EQ(driver.status("flaky"), JobStatus::waiting);
    EXPECT_EQ(next_deadline(driver.state(), driver.plan(), driver.limits()),
              driver.now() + seconds(wait));
    driver.sleep(seconds(wait) - base::Duration(1));
    driver.settle();
    EXPECT_EQ(driver.status("flaky"), JobStatus::waiting);
    driver.sleep(base::Duration(1));
    driver.settle();
    EXPECT_EQ(driver.status("flaky"), JobStatus::queued);
  }
}

TEST(Retry, NeverWaitsLongerThanAnHour) {
  RunDriver driver = begun_with({.max = 10, .on_failed = true, .backoff = hours(48)});
  driver.finish("flaky", JobStatus::failed);
  EXPECT_EQ(driver.job("flaky").not_before, driver.now() + hours(1));
}

TEST(Retry, SaysWhyAndHowOften) {
  RunDriver driver = begun_with({.max = 2, .on_failed = true, .backoff = seconds(5)});
  driver.finish("flaky", JobStatus::failed);
  EXPECT_EQ(driver.reason("flaky"), "attempt 1 failed; retry 1 of 2 after 5s");
}

TEST(Retry, EndsWithTheRunThatIsCancelled) {
  RunDriver driver = begun_with({.on_failed = true, .backoff = seconds(5)});
  driver.finish("flaky", JobStatus::failed);
  driver.must(RunCancelRequested{"because"});
  driver.settle();
  EXPECT_EQ(driver.status("flaky"), JobStatus::cancelled);
  EXPECT_EQ(driver.state().status, RunStatus::cancelled);
}

// A worker that died before the job began has cost nothing: no policy is needed, and none is used
// up.
TEST(Retry, OfWhatNeverBeganNeedsNoPolicy) {
  RunDriver driver(support::make_test_plan({{.name = "flaky"}, {"ship", {"flaky"}}}));
  driver.begin();
  driver.lose_unstarted("flaky");
  EXPECT_EQ(driver.status("flaky"), JobStatus::queued);
  EXPECT_EQ(driver.job("flaky").attempt, 2U);
  EXPECT_EQ(driver.job("flaky").retries, 0U);
  driver.finish("flaky", JobStatus::errored);
  EXPECT_EQ(driver.state().status, RunStatus::errored) << "what began is another matter";
}

TEST(Retry, OfWhatNeverBeganHasAnEnd) {
  RunDriver driver(support::make_test_plan({{.name = "flaky"}}));
  driver.begin();
  for (int lost = 0; lost < 5; ++lost) driver.lose_unstarted("flaky");
  EXPECT_EQ(driver.status("flaky"), JobStatus::queued);
  driver.lose_unstarted("flaky");
  EXPECT_EQ(driver.state().status, RunStatus::errored);
}

TEST(Retry, OfAPersonBeginsTheCountAgain) {
  RunDriver driver = begun_with({.max = 1, .on_failed = true});
  for (int end = 0; end < 2; ++end) driver.finish("flaky", JobStatus::failed);
  driver.must(RunRetried{{"flaky"}});
  driver.settle();
  driver.finish("flaky", JobStatus::failed);
  EXPECT_EQ(driver.job("flaky").attempt, 4U);
  EXPECT_EQ(driver.status("flaky"), JobStatus::queued);
}

}  // namespace
}  // namespace pipeline::run
