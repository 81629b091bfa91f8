#include "pipelines/run/next.h"

#include <gtest/gtest.h>

#include "tests/support/plans.h"
#include "tests/unit/pipelines/run/run_driver.h"

namespace pipeline::run {
namespace {

using model::NeedsStatus;
using std::chrono::minutes;
using std::chrono::seconds;
using support::make_test_plan;

std::vector<std::size_t> starts(const std::vector<Action>& actions) {
  std::vector<std::size_t> jobs;
  for (const Action& action : actions) {
    if (const auto* start = std::get_if<Start>(&action)) jobs.push_back(start->job);
  }
  return jobs;
}

std::vector<std::size_t> stops(const std::vector<Action>& actions) {
  std::vector<std::size_t> jobs;
  for (const Action& action : actions) {
    if (const auto* stop = std::get_if<Stop>(&action)) jobs.push_back(stop->job);
  }
  return jobs;
}

RunDriver begun(plan::Plan plan, std::uint32_t jobs = 100) {
  RunDriver driver(std::move(plan), jobs);
  driver.begin();
  return driver;
}

TEST(Next, AFailedNeedSkipsItsDependentsAndTheirs) {
  RunDriver driver = begun(make_test_plan({{"build"}, {"unit", {"build"}}, {"ship", {"unit"}}}));
  driver.finish("build", JobStatus::failed);
  EXPECT_EQ(driver.reason("unit"), "build failed");
  EXPECT_EQ(driver.reason("ship"), "unit was skipped");
  EXPECT_EQ(driver.state().status, RunStatus::failed);
  EXPECT_EQ(driver.state().reason, "build failed");
}

TEST(Next, TheReasonSaysHowTheNeedEnded) {
  RunDriver driver = begun(make_test_plan({{"a"}, {"b"}, {"c", {"a"}}, {"d", {"b"}}}));
  driver.finish("a", JobStatus::timed_out);
  driver.finish("b", JobStatus::errored);
  EXPECT_EQ(driver.reason("c"), "a timed out");
  EXPECT_EQ(driver.reason("d"), "b errored");
}

TEST(Next, AllowedFailureLetsDependentsGoOnAndTheRunSucceed) {
  for (const JobStatus end : {JobStatus::failed, JobStatus::errored, JobStatus::timed_out}) {
    RunDriver driver = begun(make_test_plan({{"lint", {}, true}, {"ship", {"lint"}}}));
    driver.finish("lint", end);
    EXPECT_EQ(driver.status("ship"), JobStatus::queued);
    EXPECT_EQ(driver.status("lint"), end) << "it is shown as what it is";
    driver.finish("ship", JobStatus::succeeded);
    EXPECT_EQ(driver.state().status, RunStatus::succeeded);
  }
}

TEST(Next, AConditionThatDoesNotHoldSkipsAtOnceAndSoWhatNeedsIt) {
  plan::Plan plan = make_test_plan({{"build"},
                                    {"staging", {"build"}},
                                    {"production", {"staging"}},
                                    {"report", {"build", "staging?"}}});
  plan.jobs[1].skip_reason = "only on branch main";
  RunDriver driver = begun(std::move(plan));
  EXPECT_EQ(driver.reason("staging"), "only on branch main");
  EXPECT_EQ(driver.reason("production"), "staging was skipped");
  driver.finish("build", JobStatus::succeeded);
  EXPECT_EQ(driver.status("report"), JobStatus::queued) << "the need is optional";
  driver.finish("report", JobStatus::succeeded);
  EXPECT_EQ(driver.state().status, RunStatus::succeeded);
}

TEST(Next, AnOptionalNeedThatFailedStillSkips) {
  RunDriver driver = begun(make_test_plan({{"lint"}, {"ship", {"lint?"}}}));
  driver.finish("lint", JobStatus::failed);
  EXPECT_EQ(driver.status("ship"), JobStatus::skipped);
}

TEST(Next, OnFailureRunsOnlyWhenAFailureLiesBehindItsNeeds) {
  const plan::Plan plan = make_test_plan(
      {{"build"}, {"ship", {"build"}}, {"alarm", {"ship"}, false, NeedsStatus::failure}});
  RunDriver good = begun(plan);
  good.finish("build", JobStatus::succeeded);
  good.finish("ship", JobStatus::succeeded);
  EXPECT_EQ(good.reason("alarm"), "nothing that it needs failed");
  EXPECT_EQ(good.state().status, RunStatus::succeeded);

  RunDriver bad = begun(plan);
  bad.finish("build", JobStatus::failed);
  EXPECT_EQ(bad.status("ship"), JobStatus::skipped);
  EXPECT_EQ(bad.status("alarm"), JobStatus::queued);
  bad.finish("alarm", JobStatus::succeeded);
  EXPECT_EQ(bad.state().status, RunStatus::failed);
}

TEST(Next, AConditionSkipIsNoFailure) {
  plan::Plan plan = make_test_plan({{"ship"}, {"alarm", {"ship"}, false, NeedsStatus::failure}});
  plan.jobs[0].skip_reason = "only on branch main";
  RunDriver driver = begun(std::move(plan));
  EXPECT_EQ(driver.reason("alarm"), "ship was skipped");
}

TEST(Next, AlwaysRunsWhateverBecameOfItsNeedsButOnlyAfterThem) {
  RunDriver driver = begun(make_test_plan(
      {{"a"}, {"b"}, {"c", {"b"}}, {"clean", {"a", "c"}, false, NeedsStatus::always}}));
  driver.finish("b", JobStatus::failed);
  EXPECT_EQ(driver.status("clean"), JobStatus::waiting);
  driver.finish("a", JobStatus::succeeded);
  EXPECT_EQ(driver.status("clean"), JobStatus::queued);
}

TEST(Next, StartsNoMoreThanTheLimitCountingOffers) {
  RunDriver driver(make_test_plan({{"a"}, {"b"}, {"c"}}), 2);
  driver.must(RunCreated{});
  EXPECT_EQ(starts(driver.settle()), (std::vector<std::size_t>{0, 1}));
  EXPECT_TRUE(starts(driver.settle()).empty()) << "both were offered";
  driver.lease(0);
  EXPECT_TRUE(starts(driver.settle()).empty());
  driver.must(JobFinished{"a", 1, JobStatus::succeeded, ""});
  EXPECT_EQ(starts(driver.settle()), (std::vector<std::size_t>{2}));
}

TEST(Next, TheLongestChainOfDependentsGoesFirst) {
  RunDriver driver(
      make_test_plan({{"short"}, {"long"}, {"b", {"long"}}, {"c", {"b"}}, {"d", {"short"}}}), 1);
  driver.must(RunCreated{});
  EXPECT_EQ(starts(driver.settle()), (std::vector<std::size_t>{1}));
}

TEST(Next, AsksAWorkerToStopShortlyAfterTheStageTimeout) {
  plan::Plan plan = make_test_plan({{"slow"}});
  plan.pipeline.stages[0].timeout = minutes(2);
  RunDriver driver = begun(std::move(plan));
  driver.lease(0);
  driver.must(JobStarted{"slow", 1});
  const auto due = next_deadline(driver.state(), driver.plan(), driver.limits());
  ASSERT_TRUE(due);
  EXPECT_EQ(*due, kStart + minutes(2) + seconds(5));
  driver.sleep(minutes(2) + seconds(4));
  EXPECT_TRUE(driver.settle().empty());
  driver.sleep(seconds(1));
  EXPECT_EQ(stops(driver.settle()), (std::vector<std::size_t>{0}));
  EXPECT_EQ(driver.job("slow").stopping, JobStatus::timed_out);
  EXPECT_EQ(driver.reason("slow"), "stopping: timed out after 2m");
  driver.finish("slow", JobStatus::timed_out);
  EXPECT_EQ(driver.state().status, RunStatus::failed);
  EXPECT_EQ(driver.state().reason, "slow timed out");
}

TEST(Next, ADeploymentMayWaitForItsTurnAsLongAsItTakes) {
  plan::Plan plan = make_test_plan({{"production"}});
  plan.pipeline.stages[0].kind = model::StageKind::deploy;
  plan.pipeline.stages[0].timeout = minutes(2);
  RunDriver driver = begun(std::move(plan));
  driver.lease(0);
  driver.must(DeploymentAdvanced{"production", 1, "production", "queued", "waiting for pid 4711"});
  EXPECT_EQ(driver.reason("production"), "waiting for pid 4711");
  EXPECT_EQ(next_deadline(driver.state(), driver.plan(), driver.limits()), std::nullopt);
  driver.sleep(std::chrono::hours(24));
  EXPECT_TRUE(driver.settle().empty());
  driver.must(JobStarted{"production", 1});
  driver.must(DeploymentAdvanced{"production", 1, "production", "locked", ""});
  EXPECT_EQ(driver.reason("production"), "");
  const auto due = next_deadline(driver.state(), driver.plan(), driver.limits());
  EXPECT_EQ(due, kStart + std::chrono::hours(24) + minutes(2) + seconds(5));
}

TEST(Next, GivesUpOnAWorkerThatNeverConfirms) {
  RunDriver driver = begun(make_test_plan({{"lost"}}));
  driver.sleep(minutes(15) + minutes(10) + seconds(5));
  driver.settle();
  ASSERT_EQ(driver.job("lost").stopping, JobStatus::timed_out) << "an offer, too, has a limit";
  driver.sleep(minutes(1));
  driver.settle();
  EXPECT_EQ(driver.status("lost"), JobStatus::timed_out);
  EXPECT_EQ(driver.reason("lost"),
            "timed out after 15m; its worker did not confirm that it stopped");
}

TEST(Next, CancellingStopsWhatRunsAndEndsWhatWaits) {
  RunDriver driver(make_test_plan({{"a"}, {"b"}, {"c", {"a"}}}), 1);
  driver.begin();
  driver.lease(0);
  driver.must(RunCancelRequested{"interrupted by the user"});
  EXPECT_EQ(stops(driver.settle()), (std::vector<std::size_t>{0}));
  EXPECT_EQ(driver.status("a"), JobStatus::leased) << "asked, not over";
  EXPECT_EQ(driver.status("b"), JobStatus::cancelled);
  EXPECT_EQ(driver.status("c"), JobStatus::cancelled);
  EXPECT_EQ(driver.reason("c"), "the run was cancelled before it started");
  driver.finish("a", JobStatus::cancelled);
  EXPECT_EQ(driver.state().status, RunStatus::cancelled);
}

TEST(Next, CancellingAsksAJobThatWasOfferedButNotTaken) {
  RunDriver driver = begun(make_test_plan({{"a"}}));
  driver.must(RunCancelRequested{"because"});
  EXPECT_EQ(stops(driver.settle()), (std::vector<std::size_t>{0}));
  EXPECT_EQ(driver.status("a"), JobStatus::queued);
}

TEST(Next, ARunThatWasCancelledTooLateSucceeds) {
  RunDriver driver = begun(make_test_plan({{"a"}}));
  driver.must(RunCancelRequested{"because"});
  driver.settle();
  driver.finish("a", JobStatus::succeeded);
  EXPECT_EQ(driver.state().status, RunStatus::succeeded);
}

TEST(Next, TheUsersVerdictComesBeforeOurErrors) {
  RunDriver driver = begun(make_test_plan({{"a"}, {"b"}, {"c"}}));
  driver.finish("a", JobStatus::errored);
  driver.finish("b", JobStatus::failed);
  driver.finish("c", JobStatus::failed);
  EXPECT_EQ(driver.state().status, RunStatus::failed);
  EXPECT_EQ(driver.state().reason, "b failed and 1 more");

  RunDriver ours = begun(make_test_plan({{"a"}, {"b"}}));
  ours.finish("a", JobStatus::errored);
  ours.finish("b", JobStatus::succeeded);
  EXPECT_EQ(ours.state().status, RunStatus::errored);
}

TEST(Next, ARunWithNothingToDoSucceeds) {
  RunDriver driver = begun(make_test_plan({}));
  EXPECT_EQ(driver.state().status, RunStatus::succeeded);
  EXPECT_TRUE(next(driver.state(), driver.plan(), driver.limits(), driver.now()).empty());
}

TEST(Next, ARetryStartsOnlyWhatFailed) {
  RunDriver driver = begun(make_test_plan({{"build"}, {"unit", {"build"}}, {"ship", {"unit"}}}));
  driver.finish("build", JobStatus::succeeded);
  driver.finish("unit", JobStatus::failed);
  driver.must(RunRetried{{"unit"}});
  EXPECT_EQ(starts(driver.settle()), (std::vector<std::size_t>{1}));
  driver.finish("unit", JobStatus::succeeded);
  driver.finish("ship", JobStatus::succeeded);
  EXPECT_EQ(driver.state().status, RunStatus::succeeded);
}

}  // namespace
}  // namespace pipeline::run
