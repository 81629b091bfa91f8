// A coordinator dies, and the next one goes on as if it had not.
#include <algorithm>

#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using base::ErrorKind;
using support::make_test_plan;
using testing::ElementsAre;

class ResumeTest : public EngineTest {
 protected:
  template <class Event>
  std::size_t recorded() {
    const auto events = store_->events(engine_->id());
    return static_cast<std::size_t>(std::ranges::count_if(*events, [](const run::Event& event) {
      return std::holds_alternative<Event>(event.body);
    }));
  }
  // Leased and started, as the store knows it.
  void begin_running(plan::Plan plan) {
    begin(std::move(plan));
    report(run::JobLeased{"a", 1, "local"});
    report(run::JobStarted{"a", 1});
  }
};

TEST_F(ResumeTest, AJobThatLivesOnIsNeitherEndedNorBegunAgain) {
  begin_running(make_test_plan({{"a"}, {"b", {"a"}}}));
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"}, run::JobStarted{"a", 1}};
  must(resume());
  EXPECT_EQ(status("a"), JobStatus::running);
  EXPECT_EQ(attempt("a"), 1U);
  EXPECT_THAT(link_.started(), ElementsAre("a"));
  finish("a");
  EXPECT_THAT(link_.started(), ElementsAre("a", "b"));
  finish("b");
  EXPECT_EQ(engine_->state().status, RunStatus::succeeded);
  EXPECT_EQ(recorded<run::JobStarted>(), 1U);
  EXPECT_EQ(recorded<run::RunRetried>(), 0U);
}

TEST_F(ResumeTest, WhatWasReportedMeanwhileIsRecordedOnceAndFirst) {
  begin_running(make_test_plan({{"a"}, {"b", {"a"}}}));
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"},
                            run::JobStarted{"a", 1},
                            run::CommandStarted{"a", 1, 0, "make"},
                            run::CommandFinished{"a", 1, 0, 0},
                            run::JobFinishing{"a", 1},
                            run::JobFinished{"a", 1, JobStatus::succeeded, ""}};
  clock_.advance(std::chrono::hours(24));  // long past its timeout
  must(resume());
  EXPECT_EQ(status("a"), JobStatus::succeeded);
  EXPECT_EQ(recorded<run::JobStopRequested>(), 0U) << "it had ended in time";
  EXPECT_EQ(recorded<run::JobStarted>(), 1U);
  EXPECT_EQ(recorded<run::CommandStarted>(), 1U);
  EXPECT_THAT(link_.started(), ElementsAre("a", "b"));
}

TEST_F(ResumeTest, WhatWasReportedMeanwhileKeepsItsTime) {
  begin_running(make_test_plan({{"a"}, {"b"}}));
  const base::TimePoint begun = clock_.now();
  link_.reported_from = begun - std::chrono::hours(1);  // a clock that went back
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"}, run::JobStarted{"a", 1}};
  link_.living[{"b", 1}] = {run::JobLeased{"b", 1, "local"}};
  clock_.advance(std::chrono::minutes(5));
  must(resume());
  EXPECT_EQ(job("b").leased_at, begun) << "not before what was known already";
  link_.reported_from = begun + std::chrono::minutes(1);
  link_.living[{"a", 1}].emplace_back(run::JobFinished{"a", 1, JobStatus::succeeded, ""});
  link_.living[{"b", 1}].emplace_back(run::JobStarted{"b", 1});
  must(resume());
  EXPECT_EQ(job("a").finished_at, begun + std::chrono::minutes(1) + std::chrono::seconds(2));
  const auto events = store_->events(engine_->id());
  EXPECT_TRUE(std::ranges::is_sorted(*events, {}, &run::Event::at));
}

TEST_F(ResumeTest, WhatCannotBeFoundOutChangesNothing) {
  begin_running(make_test_plan({{"a"}, {"b", {"a"}}}));
  const std::size_t known = store_->events(1)->size();
  link_.unknown = base::Error(ErrorKind::io, "too many open files");
  EXPECT_EQ(resume().error().kind(), ErrorKind::io);
  EXPECT_EQ(store_->events(1)->size(), known);
  link_.unknown.reset();
  link_.living[{"a", 1}] = {};
  auto again = Engine::resume(around(), settings(), 1, plan_);
  ASSERT_TRUE(again) << again.error().to_string();
  engine_ = *std::move(again);
  finish("a");
  EXPECT_THAT(link_.started(), ElementsAre("a", "b"));
}

TEST_F(ResumeTest, AnOfferThatWasTakenIsNotMadeAgain) {
  begin(make_test_plan({{"a"}}));
  link_.living[{"a", 1}] = {};  // it has said nothing yet
  must(resume());
  EXPECT_EQ(status("a"), JobStatus::queued);
  EXPECT_EQ(link_.orders.size(), 1U);
  report(run::JobLeased{"a", 1, "local"});
  EXPECT_EQ(status("a"), JobStatus::leased);
}

// RecordingLink refuses to start an attempt twice, so this one asks for the order alone.
TEST_F(ResumeTest, AnOfferThatNobodyTookIsMadeAgain) {
  begin(make_test_plan({{"x"}, {"a", {"x"}}}));
  finish("x");
  EXPECT_THAT(link_.started(), ElementsAre("x", "a"));
  const run::RunId id = engine_->id();
  die();
  support::RecordingLink next;
  Surroundings around = this->around();
  auto made = Engine::resume({around.store, next, around.sink, around.clock, around.workbench},
                             settings(), id, plan_);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_THAT(next.started(), ElementsAre("a"));
  EXPECT_EQ(next.orders.front().attempt, 1U);
}

TEST_F(ResumeTest, CommandsThatDiedAreOverAndNotRunAgain) {
  begin_running(make_test_plan({{"a"}, {"b"}}));
  finish("b");
  must(resume());
  EXPECT_EQ(status("a"), JobStatus::errored);
  EXPECT_EQ(job("a").reason, "interrupted: the process that drove the run died");
  EXPECT_EQ(engine_->state().status, RunStatus::errored);
}

TEST_F(ResumeTest, ACancelAsksForNoSecretsAndStartsNothing) {
  support::JobSketch later{"b", {"a"}};
  later.work.secrets = {"TOKEN"};
  secrets_ = {{"TOKEN", "s3cret-value"}};
  begin_running(make_test_plan({{"a"}, later}));
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"}, run::JobStarted{"a", 1}};
  secrets_.clear();
  EXPECT_EQ(resume().error().kind(), ErrorKind::invalid) << "b needs it";
  engine_ = *Engine::resume(around(), settings(), 1, plan_, "cancelled by the user");
  EXPECT_TRUE(engine_->state().cancelling);
  ASSERT_EQ(link_.stops.size(), 1U);
  EXPECT_EQ(link_.stops.front().job, "a");
  finish("a", JobStatus::cancelled);
  EXPECT_EQ(engine_->state().status, RunStatus::cancelled);
  EXPECT_THAT(link_.started(), ElementsAre("a"));
}

TEST_F(ResumeTest, AJobThatHasItsSecretsNeedsThemNoMore) {
  support::JobSketch sketch{"a"};
  sketch.work.secrets = {"TOKEN"};
  secrets_ = {{"TOKEN", "s3cret-value"}};
  begin_running(make_test_plan({sketch}));
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"}, run::JobStarted{"a", 1}};
  secrets_.clear();
  must(resume());
  finish("a");
  EXPECT_EQ(engine_->state().status, RunStatus::succeeded);
}

TEST_F(ResumeTest, ARunThatIsOverCannotBeResumed) {
  begin(make_test_plan({{"a"}}));
  finish("a");
  EXPECT_EQ(resume().error().kind(), ErrorKind::invalid);
}

TEST_F(ResumeTest, ARetryEndsWhatIsLeftOfEarlierAttempts) {
  begin_running(make_test_plan({{"a"}}));
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"}};
  must(reopen());
  ASSERT_EQ(link_.kills.size(), 1U);
  EXPECT_EQ(link_.kills.front(), (std::pair<std::string, std::uint32_t>("a", 1)));
  EXPECT_EQ(attempt("a"), 2U);
}

// Found by the simulation.
TEST_F(ResumeTest, AnAttemptThatWasGivenUpIsEndedByTheNextCoordinator) {
  begin_running(make_test_plan({{"a"}, {"b"}}));
  clock_.advance(std::chrono::hours(1));
  must(engine_->advance());  // asks it to stop
  clock_.advance(std::chrono::hours(1));
  must(engine_->advance());
  ASSERT_EQ(status("a"), JobStatus::timed_out);
  link_.kills.clear();  // as if the coordinator had died before it came to that
  link_.living[{"a", 1}] = {run::JobLeased{"a", 1, "local"}};
  must(reopen());
  EXPECT_THAT(link_.kills, testing::Contains(std::pair<std::string, std::uint32_t>("a", 1)));
}

TEST_F(ResumeTest, TheKeyOfASuccessIsMadeAgain) {
  support::JobSketch sketch{"a"};
  sketch.work.inputs = {"**"};
  workbench_.keys.emplace("a", digest(7));
  begin_running(make_test_plan({sketch}));
  link_.living[{"a", 1}] = {run::JobFinished{"a", 1, JobStatus::succeeded, ""}};
  must(resume());
  EXPECT_TRUE(store_->find_cached(digest(7))->has_value());
}

}  // namespace
}  // namespace pipeline::engine
