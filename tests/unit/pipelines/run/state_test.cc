#include "pipelines/run/state.h"

#include <gtest/gtest.h>

#include "pipelines/run/transition.h"
#include "tests/support/plans.h"
#include "tests/unit/pipelines/run/run_driver.h"

namespace pipeline::run {
namespace {

using base::ErrorKind;
using support::make_test_plan;

RunDriver one_job() {
  RunDriver driver(make_test_plan({{"unit"}}));
  driver.begin();
  return driver;
}

TEST(State, AJobGoesThroughItsStatesWithAReasonInEachButRunningAndSucceeded) {
  RunDriver driver(make_test_plan({{"build"}, {"unit", {"build"}}}));
  EXPECT_EQ(driver.reason("unit"), "waiting for build");
  driver.begin();
  EXPECT_EQ(driver.reason("build"), "waiting for a free slot");
  driver.must(JobLeased{"build", 1, "local"});
  EXPECT_EQ(driver.reason("build"), "being prepared by local");
  driver.must(JobStarted{"build", 1});
  EXPECT_EQ(driver.reason("build"), "");
  driver.must(CommandStarted{"build", 1, 0, "make"});
  EXPECT_EQ(driver.job("build").command, 0U);
  driver.must(CommandFinished{"build", 1, 0, 0});
  EXPECT_EQ(driver.job("build").exit_code, 0);
  driver.must(JobFinishing{"build", 1});
  EXPECT_EQ(driver.reason("build"), "collecting outputs");
  driver.finish("build", JobStatus::succeeded);
  EXPECT_EQ(driver.reason("build"), "");
  EXPECT_EQ(driver.status("unit"), JobStatus::queued);
}

TEST(State, AWaitingJobNamesAtMostThreeOfItsNeeds) {
  RunDriver driver(make_test_plan({{"a"}, {"b"}, {"c"}, {"d"}, {"all", {"a", "b", "c", "d"}}}));
  driver.begin();
  EXPECT_EQ(driver.reason("all"), "waiting for a, b, c and 1 more");
  driver.finish("a", JobStatus::succeeded);
  EXPECT_EQ(driver.reason("all"), "waiting for b, c and d");
  driver.finish("c", JobStatus::succeeded);
  EXPECT_EQ(driver.reason("all"), "waiting for b and d");
}

TEST(State, LostReportsDoNotMakeLaterOnesIllegal) {
  RunDriver driver = one_job();
  driver.must(CommandFinished{"unit", 1, 2, 7});
  EXPECT_EQ(driver.status("unit"), JobStatus::running);
  driver.must(JobFinished{"unit", 1, JobStatus::failed, "make exited with 7"});
  EXPECT_EQ(driver.status("unit"), JobStatus::failed);
}

TEST(State, RefusesDuplicatesAndWhatComesLate) {
  RunDriver driver = one_job();
  driver.must(JobLeased{"unit", 1, "local"});
  EXPECT_FALSE(driver.feed(JobLeased{"unit", 1, "local"}));
  driver.must(CommandStarted{"unit", 1, 0, "make"});
  EXPECT_FALSE(driver.feed(CommandStarted{"unit", 1, 0, "make"}));
  driver.must(CommandFinished{"unit", 1, 0, 0});
  EXPECT_FALSE(driver.feed(CommandFinished{"unit", 1, 0, 0}));
  driver.must(CommandStarted{"unit", 1, 1, "make install"});
  EXPECT_FALSE(driver.feed(CommandFinished{"unit", 1, 0, 0}));
  driver.finish("unit", JobStatus::succeeded);
  const auto late = driver.feed(JobFinished{"unit", 1, JobStatus::failed, "late"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(driver.status("unit"), JobStatus::succeeded);
}

TEST(State, RefusesAnotherAttemptAnotherJobAndAGapInTheNumbers) {
  RunDriver driver = one_job();
  EXPECT_FALSE(driver.feed(JobStarted{"unit", 2}));
  EXPECT_FALSE(driver.feed(JobStarted{"lint", 1}));
  RunState state = driver.state();
  const Event gap{state.last_sequence + 2, kStart, JobStarted{"unit", 1}};
  EXPECT_FALSE(apply(state, driver.plan(), gap));
}

TEST(State, RefusesEndsThatAreNone) {
  RunDriver driver = one_job();
  for (const JobStatus status :
       {JobStatus::waiting, JobStatus::running, JobStatus::skipped, JobStatus::cached}) {
    EXPECT_FALSE(driver.feed(JobFinished{"unit", 1, status, ""})) << to_string(status);
  }
  EXPECT_FALSE(driver.feed(JobStopRequested{"unit", 1, JobStatus::failed, ""}));
  EXPECT_FALSE(driver.feed(RunFinished{RunStatus::succeeded, ""})) << "a job is not over";
  driver.must(JobFinished{"unit", 1, JobStatus::succeeded, ""});
  EXPECT_FALSE(driver.feed(RunFinished{RunStatus::interrupted, ""}));
}

TEST(State, AWaitingJobCanOnlyEndAsCancelled) {
  RunDriver driver(make_test_plan({{"build"}, {"unit", {"build"}}}));
  driver.begin();
  EXPECT_FALSE(driver.feed(JobFinished{"unit", 1, JobStatus::succeeded, ""}));
  EXPECT_TRUE(driver.feed(JobFinished{"unit", 1, JobStatus::cancelled, "cancelled"}));
}

TEST(State, ARetryResetsTheNamedJobsAndWhatIsDownstreamAndDidNotSucceed) {
  RunDriver driver(make_test_plan({{"build"},
                                   {"unit", {"build"}},
                                   {"lint", {}, true},
                                   {"docs", {"lint"}},
                                   {"deploy", {"unit", "docs"}}}));
  driver.begin();
  driver.finish("build", JobStatus::succeeded);
  driver.finish("lint", JobStatus::failed);
  driver.finish("docs", JobStatus::succeeded);
  driver.finish("unit", JobStatus::failed);
  ASSERT_EQ(driver.state().status, RunStatus::failed);
  driver.must(RunRetried{{"unit", "lint"}});
  EXPECT_EQ(driver.state().status, RunStatus::running);
  EXPECT_EQ(driver.status("build"), JobStatus::succeeded);
  EXPECT_EQ(driver.job("build").attempt, 1U);
  EXPECT_EQ(driver.status("unit"), JobStatus::waiting);
  EXPECT_EQ(driver.job("unit").attempt, 2U);
  EXPECT_EQ(driver.status("docs"), JobStatus::succeeded) << "it did not need lint's success";
  EXPECT_EQ(driver.status("deploy"), JobStatus::waiting);
  EXPECT_EQ(driver.job("deploy").attempt, 1U) << "an attempt that never was is not used up";
}

TEST(State, ARetryOfASuccessRunsWhatStandsOnItsOutputsAgain) {
  RunDriver driver(make_test_plan({{"build"}, {"unit", {"build"}}}));
  driver.begin();
  driver.finish("build", JobStatus::succeeded);
  driver.finish("unit", JobStatus::succeeded);
  driver.must(RunRetried{{"build"}});
  EXPECT_EQ(driver.status("build"), JobStatus::waiting);
  EXPECT_EQ(driver.status("unit"), JobStatus::waiting);
  EXPECT_EQ(driver.job("unit").attempt, 2U);
}

TEST(State, ARunThatWasDetachedOnceStaysSo) {
  RunDriver driver(make_test_plan({{"unit"}}));
  driver.begin();
  EXPECT_FALSE(driver.state().detached);
  driver.finish("unit", JobStatus::failed);
  driver.must(RunRetried{{"unit"}, true});
  EXPECT_TRUE(driver.state().detached);
  driver.settle();
  driver.finish("unit", JobStatus::failed);
  driver.must(RunRetried{{"unit"}});
  EXPECT_TRUE(driver.state().detached);
}

TEST(State, ARetryIsRefusedWhileAJobRuns) {
  RunDriver driver = one_job();
  driver.must(JobStarted{"unit", 1});
  EXPECT_FALSE(driver.feed(RunRetried{{"unit"}}));
  EXPECT_FALSE(driver.feed(RunRetried{{"nobody"}}));
}

TEST(State, ReplayIsTheSameFold) {
  RunDriver driver(make_test_plan({{"build"}, {"unit", {"build"}}}));
  driver.begin();
  driver.finish("build", JobStatus::failed);
  const auto replayed = replay(driver.plan(), driver.events());
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->status, RunStatus::failed);
  EXPECT_EQ(replayed->jobs[1].status, JobStatus::skipped);
  EXPECT_EQ(replayed->last_sequence, driver.state().last_sequence);
}

TEST(State, ReplayNamesTheEventThatDoesNotFit) {
  const plan::Plan plan = make_test_plan({{"a"}});
  const auto replayed = replay(plan, {{1, kStart, RunCreated{}}, {2, kStart, JobStarted{"a", 1}}});
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().to_string(), "failed to replay event 2: job-started: a is waiting");
}

}  // namespace
}  // namespace pipeline::run
