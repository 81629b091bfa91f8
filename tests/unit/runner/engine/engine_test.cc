#include "runner/engine/engine.h"

#include "pipelines/run/event_json.h"
#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using base::ErrorKind;
using std::chrono::minutes;
using std::chrono::seconds;
using support::make_test_plan;
using testing::ElementsAre;

TEST_F(EngineTest, DrivesARunFromItsFirstEventToItsLast) {
  begin(make_test_plan({{"build"}, {"unit", {"build"}}}));
  EXPECT_THAT(link_.started(), ElementsAre("build"));
  report(run::JobLeased{"build", 1, "local"});
  report(run::JobStarted{"build", 1});
  finish("build");
  EXPECT_THAT(link_.started(), ElementsAre("build", "unit"));
  finish("unit");
  EXPECT_TRUE(engine_->finished());
  EXPECT_EQ(engine_->state().status, RunStatus::succeeded);
  EXPECT_EQ(store_->list({.limit = 1})->front().status, RunStatus::succeeded);
  EXPECT_EQ(seen_.size(), stored());
  EXPECT_TRUE(std::holds_alternative<run::RunFinished>(seen_.back().body));
}

TEST_F(EngineTest, HoldsTheBoundOfJobsAtATime) {
  begin(make_test_plan({{"a"}, {"b"}, {"c"}}), 2);
  EXPECT_THAT(link_.started(), ElementsAre("a", "b"));
  finish("b");
  EXPECT_THAT(link_.started(), ElementsAre("a", "b", "c"));
}

TEST_F(EngineTest, WritesWhatOneCallMakesHappenAtOnce) {
  begin(make_test_plan({{"a"}, {"b", {"a"}}, {"c", {"a"}}}));
  disk_.room = 1;
  finish("a", JobStatus::failed);
  EXPECT_EQ(engine_->state().status, RunStatus::failed) << "one append took it all";
  EXPECT_EQ(*disk_.room, 0U);
}

TEST_F(EngineTest, DropsDuplicatesAndReportsOfOtherAttempts) {
  begin(make_test_plan({{"a"}, {"b", {"a"}}}));
  report(run::JobLeased{"a", 1, "local"});
  const std::size_t before = stored();
  report(run::JobLeased{"a", 1, "local"});
  report(run::JobStarted{"a", 7});
  report(run::JobStarted{"nobody", 1});
  report(run::JobFinished{"b", 1, JobStatus::succeeded, ""});
  report(run::RunFinished{RunStatus::succeeded, ""});
  EXPECT_EQ(stored(), before);
  EXPECT_EQ(status("b"), JobStatus::waiting);
}

TEST_F(EngineTest, NoRunBeginsWithoutItsSecrets) {
  support::JobSketch sketch{"publish", {"before"}};
  sketch.work.secrets = {"NPM_TOKEN"};
  const plan::Plan plan = make_test_plan({{"before"}, sketch});
  const auto refused = Engine::create(around(), settings(), spec_, plan);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::invalid);
  EXPECT_EQ(refused.error().to_string(), "the secret NPM_TOKEN was not given");
  EXPECT_EQ(
      refused.error().hint(),
      "pipeline secret set NPM_TOKEN keeps it; for this run alone: --env-file FILE with a line "
      "NPM_TOKEN=VALUE, --secret-from-env NPM_TOKEN, or --secret-command NPM_TOKEN=COMMAND");
  EXPECT_TRUE(store_->list({.limit = 9})->empty());
  EXPECT_EQ(disk_.last_id, 0U) << "not even a number is spent";

  secrets_["NPM_TOKEN"] = "hunter2";
  begin(plan);
  report(run::JobFinished{"before", 1, JobStatus::failed, "no"});
  secrets_.clear();
  const std::size_t before = stored();
  const run::RunId id = engine_->id();
  engine_.reset();
  const auto again = Engine::reopen(around(), settings(), id, plan, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::invalid);
  EXPECT_EQ(store_->events(id)->size(), before);
}

TEST_F(EngineTest, AsksOnlyForTheSecretsOfJobsThatMayStillStart) {
  support::JobSketch build{"build"};
  build.work.secrets = {"A"};
  support::JobSketch publish{"publish", {"build"}};
  publish.work.secrets = {"B"};
  support::JobSketch skipped{"skipped"};
  skipped.work.secrets = {"C"};
  plan::Plan plan = make_test_plan({build, publish, skipped});
  plan.jobs[2].skip_reason = "not today";
  secrets_ = {{"A", "value-of-a"}, {"B", "value-of-b"}};
  begin(plan);
  EXPECT_EQ(asked_, (std::set<std::string>{"A", "B"}));
  report(run::JobFinished{"build", 1, JobStatus::succeeded, ""});
  report(run::JobFinished{"publish", 1, JobStatus::failed, "no"});
  const run::RunId id = engine_->id();
  engine_.reset();
  ASSERT_TRUE(Engine::reopen(around(), settings(), id, plan, {}));
  EXPECT_EQ(asked_, std::set<std::string>{"B"});
}

TEST_F(EngineTest, ASourceThatFailsBeginsNoRun) {
  support::JobSketch sketch{"publish"};
  sketch.work.secrets = {"NPM_TOKEN"};
  Settings failing = settings();
  failing.find_secrets = [](const auto&, const auto&) {
    return base::fail(ErrorKind::invalid, "its command exited with 3");
  };
  const auto refused =
      Engine::create(around(), std::move(failing), spec_, make_test_plan({sketch}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().to_string(), "its command exited with 3");
  EXPECT_TRUE(store_->list({.limit = 9})->empty());
}

// Stored, shown and summed up is one text.
TEST_F(EngineTest, WhatAJobsSideSaysIsMaskedBeforeItIsRecorded) {
  support::JobSketch sketch{"publish"};
  sketch.work.secrets = {"NPM_TOKEN"};
  secrets_["NPM_TOKEN"] = "hunter2-token";
  begin(make_test_plan({sketch}));
  report(run::CommandStarted{"publish", 1, 0, "curl -u :hunter2-token"});
  report(run::DeploymentAdvanced{"publish", 1, "production", "gated", "said hunter2-token"});
  run::JobFinished over{"publish", 1, JobStatus::failed, "no: aHVudGVyMi10b2tlbg=="};
  over.warnings = {"in dist/hunter2-token"};
  report(over);
  std::string all;
  const auto kept = store_->events(engine_->id());
  for (const run::Event& event : *kept) all += run::to_json(event);
  for (const run::Event& event : seen_) all += run::to_json(event);
  EXPECT_EQ(all.find("hunter2-token"), std::string::npos) << all;
  EXPECT_EQ(all.find("aHVudGVy"), std::string::npos) << all;
  EXPECT_NE(all.find("curl -u :***"), std::string::npos) << all;
  EXPECT_NE(all.find("said ***"), std::string::npos) << all;
  EXPECT_EQ(job("publish").reason, "no: ***");
  EXPECT_EQ(job("publish").warnings, std::vector<std::string>{"in dist/***"});
}

TEST_F(EngineTest, AJobWhoseLogCannotBeKeptIsErrored) {
  workbench_.log_failure = base::Error(ErrorKind::exhausted, "no space left on device");
  begin(make_test_plan({{"a"}}));
  EXPECT_EQ(job("a").reason, "no space left on device");
  EXPECT_EQ(engine_->state().status, RunStatus::errored);
}

TEST_F(EngineTest, TimesAJobOutInTwoPhasesAndTellsTheWorkerOnce) {
  begin(make_test_plan({{"slow"}}));
  report(run::JobStarted{"slow", 1});
  ASSERT_TRUE(engine_->deadline());
  clock_.advance(*engine_->deadline() - clock_.now());
  must(engine_->advance());
  must(engine_->advance());
  ASSERT_EQ(link_.stops.size(), 1U);
  EXPECT_EQ(link_.stops[0].as, JobStatus::timed_out);
  EXPECT_EQ(link_.stops[0].reason, "timed out after 15m");
  EXPECT_EQ(status("slow"), JobStatus::running);
  finish("slow", JobStatus::timed_out);
  EXPECT_EQ(engine_->state().status, RunStatus::failed);
  EXPECT_FALSE(engine_->deadline());
}

TEST_F(EngineTest, CancelsInTwoPhasesAndKillsAtTheSecondRequest) {
  begin(make_test_plan({{"a"}, {"b"}, {"c", {"b"}}}), 2);
  report(run::JobStarted{"a", 1});
  must(engine_->cancel("interrupted by the user"));
  ASSERT_EQ(link_.stops.size(), 2U) << "also the one that was only offered";
  EXPECT_EQ(link_.stops[0].reason, "the run was cancelled");
  EXPECT_EQ(status("c"), JobStatus::cancelled);
  EXPECT_TRUE(link_.kills.empty());
  must(engine_->cancel("interrupted by the user"));
  EXPECT_EQ(link_.kills.size(), 2U);
  finish("a", JobStatus::cancelled);
  finish("b", JobStatus::cancelled);
  EXPECT_EQ(engine_->state().status, RunStatus::cancelled);
  must(engine_->cancel("too late"));
}

TEST_F(EngineTest, WhenTheStoreIsFullItKillsItsJobsAndLeavesTheRunForARetry) {
  begin(make_test_plan({{"a"}, {"b"}}));
  disk_.room = 0;
  const auto handled = engine_->handle(std::vector<run::EventBody>{run::JobStarted{"a", 1}});
  ASSERT_FALSE(handled);
  EXPECT_EQ(handled.error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(link_.kills.size(), 2U);
  EXPECT_FALSE(engine_->advance()) << "it does nothing any more";
  EXPECT_FALSE(engine_->deadline());
  disk_.room.reset();
  must(reopen());
  EXPECT_EQ(attempt("a"), 2U);
}

TEST_F(EngineTest, WhenTheStoreIsFullItKillsWhatItWasGivingUpToo) {
  begin(make_test_plan({{"slow"}}));
  report(run::JobStarted{"slow", 1});
  for (int phase = 0; phase < 2; ++phase) {
    EXPECT_TRUE(link_.kills.empty());
    clock_.advance(*engine_->deadline() - clock_.now());
    if (phase == 1) disk_.room = 0;
    EXPECT_EQ(engine_->advance().has_value(), phase == 0);
  }
  EXPECT_EQ(link_.kills.size(), 1U) << "nobody would know that it goes on";
}

TEST_F(EngineTest, ADeathBetweenTwoBatchesIsClosedAndRetried) {
  begin(make_test_plan({{"build"}, {"unit", {"build"}}, {"lint"}, {"docs", {"lint"}}}), 2);
  finish("build");
  report(run::JobStarted{"unit", 1});
  die();
  EXPECT_EQ(store_->list({.limit = 1})->front().status, RunStatus::interrupted);
  auto made = Engine::reopen(around(), settings(), 1, plan_, {});
  ASSERT_TRUE(made) << made.error().to_string();
  engine_ = *std::move(made);
  EXPECT_EQ(status("build"), JobStatus::succeeded) << "what was done stays done";
  EXPECT_EQ(attempt("build"), 1U);
  EXPECT_EQ(attempt("unit"), 2U);
  EXPECT_EQ(attempt("lint"), 2U) << "offered: its worker may have begun";
  EXPECT_EQ(attempt("docs"), 1U);
  const auto events = *store_->events(1);
  const auto closed = std::ranges::find_if(events, [](const run::Event& event) {
    return std::holds_alternative<run::JobFinished>(event.body) &&
           std::get<run::JobFinished>(event.body).job == "unit";
  });
  ASSERT_NE(closed, events.end());
  EXPECT_EQ(std::get<run::JobFinished>(closed->body).reason,
            "interrupted: the process that drove the run died");
  for (const char* name : {"unit", "lint", "docs"}) finish(name);
  EXPECT_EQ(engine_->state().status, RunStatus::succeeded);
}

TEST_F(EngineTest, ARetryStartsOnlyWhatFailedAndWhatNeedsIt) {
  begin(make_test_plan({{"build"}, {"unit", {"build"}}, {"ship", {"unit"}}}));
  finish("build");
  finish("unit", JobStatus::failed);
  link_.orders.clear();
  must(reopen());
  EXPECT_THAT(link_.started(), ElementsAre("unit"));
  EXPECT_EQ(link_.orders[0].attempt, 2U);
  finish("unit");
  finish("ship");
  EXPECT_EQ(engine_->state().status, RunStatus::succeeded);
}

TEST_F(EngineTest, ARetryByStageRunsItWhateverBecameOfIt) {
  begin(make_test_plan({{"build"}, {"unit", {"build"}}}));
  finish("build");
  finish("unit");
  const auto nothing = reopen();
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind(), ErrorKind::invalid);
  EXPECT_TRUE(nothing.error().hint());
  auto unknown = Engine::reopen(around(), settings(), 1, plan_, {{"untt"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().to_string(), "the run has no stage \"untt\"");
  auto made = Engine::reopen(around(), settings(), 1, plan_, {{"unit"}});
  ASSERT_TRUE(made);
  engine_ = *std::move(made);
  EXPECT_EQ(attempt("unit"), 2U);
  EXPECT_EQ(status("build"), JobStatus::succeeded);
}

TEST_F(EngineTest, ARunHasOneDriver) {
  begin(make_test_plan({{"a"}}));
  const auto second = Engine::reopen(around(), settings(), engine_->id(), plan_, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), ErrorKind::conflict);
  const auto unknown = Engine::reopen(around(), settings(), 99, plan_, {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace pipeline::engine
