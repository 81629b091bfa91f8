#include "runner/serve/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/base/timestamp.h"
#include "runner/store/sqlite/sqlite_firing_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::serve {
namespace {

using base::Duration;
using base::ErrorKind;
using base::Result;
using base::TimePoint;
using run::RunId;
using std::chrono::hours;
using std::chrono::minutes;
using store::ScheduleKey;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TimePoint at(const std::string& text) {
  return *base::parse_timestamp(text + ":00.000000Z");
}

model::Schedule nightly(model::MissedFirings missed = model::MissedFirings::run_once) {
  model::Schedule schedule;
  schedule.name = "nightly";
  schedule.cron = "30 2 * * *";
  schedule.missed = missed;
  return schedule;
}

// Repositories and runs as the tests say; the store is the real one.
class SchedulerTest : public testing::Test {
 protected:
  // As a server that starts on what an earlier one left.
  void start() {
    scheduler_.reset();
    store_.reset();
    store_ = *store::open_sqlite_firing_store(store::Paths(directory_.path()));
    scheduler_ = std::make_unique<Scheduler>(
        *store_, clock_,
        SchedulerPorts{
            .read = [this](const std::string& name) { return read(name); },
            .begin = [this](const ScheduleKey& key, TimePoint due) { return begin(key, due); },
            .tell = [this](const std::string& line) { told_.push_back(line); }});
    for (const auto& [name, schedules] : repositories_) scheduler_->look(name);
  }
  void has(const std::string& repository, std::vector<model::Schedule> schedules) {
    repositories_[repository] = std::move(schedules);
    if (scheduler_) scheduler_->look(repository);
  }
  TimePoint advance_to(const std::string& time) {
    clock_.advance(at(time) - clock_.now());
    return scheduler_->advance();
  }
  // As a server looks: whenever it is asked to.
  void live_until(const std::string& time) {
    for (TimePoint next = scheduler_->advance(); next <= at(time); next = scheduler_->advance())
      clock_.advance(next - clock_.now());
    clock_.advance(at(time) - clock_.now());
  }
  std::vector<std::string> begun() { return std::exchange(begun_, {}); }

  support::ManualClock clock_{at("2026-11-20T12:00")};
  std::optional<ErrorKind> trouble_;
  std::optional<ErrorKind> unreadable_;
  std::vector<std::string> told_;
  std::unique_ptr<Scheduler> scheduler_;
  support::TemporaryDirectory directory_;

 private:
  Result<FoundSchedules> read(const std::string& name) {
    if (unreadable_) return base::fail(*unreadable_, "no answer");
    const auto found = repositories_.find(name);
    if (found == repositories_.end()) return base::fail(ErrorKind::not_found, "none");
    FoundSchedules schedules;
    for (const auto& schedule : found->second)
      schedules.schedules.push_back({{name, "pipeline.toml", schedule.name}, schedule});
    return schedules;
  }
  Result<RunId> begin(const ScheduleKey& key, TimePoint due) {
    if (trouble_) return base::fail(*trouble_, "trouble");
    begun_.push_back(key.repository + " " + key.schedule + " " +
                     base::format_timestamp(due).substr(0, 16));
    return begun_.size();
  }

  std::unique_ptr<store::FiringStore> store_;
  std::map<std::string, std::vector<model::Schedule>> repositories_;
  std::vector<std::string> begun_;
};

TEST_F(SchedulerTest, FiresOnTimeAndOnce) {
  has("shop", {nightly()});
  start();
  live_until("2026-11-22T12:00");
  EXPECT_THAT(begun(),
              ElementsAre("shop nightly 2026-11-21T02:30", "shop nightly 2026-11-22T02:30"));
  EXPECT_THAT(told_, SizeIs(2));
}

TEST_F(SchedulerTest, IsCalledAgainWhenTheNextOneIsDue) {
  has("shop", {nightly()});
  start();
  EXPECT_EQ(advance_to("2026-11-20T12:00"), at("2026-11-20T12:01")) << "it looks in between";
  live_until("2026-11-21T02:29");
  EXPECT_EQ(advance_to("2026-11-21T02:29"), at("2026-11-21T02:30"));
}

TEST_F(SchedulerTest, WhatIsNewFiresFromThenOn) {
  start();
  live_until("2026-11-25T02:30");
  has("shop", {nightly(model::MissedFirings::run_all)});
  live_until("2026-11-25T12:00");
  EXPECT_THAT(begun(), IsEmpty());
  ASSERT_THAT(scheduler_->upcoming(), SizeIs(1));
  EXPECT_EQ(scheduler_->upcoming().front().at, at("2026-11-26T02:30"));
}

TEST_F(SchedulerTest, AfterDowntimeThePolicyDecides) {
  model::Schedule skipped = nightly(model::MissedFirings::skip);
  model::Schedule all = nightly(model::MissedFirings::run_all);
  model::Schedule once = nightly();
  skipped.name = "skipped";
  all.name = "all";
  once.name = "once";
  has("shop", {skipped, all, once});
  start();
  (void)scheduler_->advance();
  clock_.advance(hours(24 * 3));
  start();
  live_until("2026-11-23T12:00");
  EXPECT_THAT(begun(), ElementsAre("shop all 2026-11-21T02:30", "shop all 2026-11-22T02:30",
                                   "shop all 2026-11-23T02:30", "shop once 2026-11-23T02:30"));
  start();
  (void)scheduler_->advance();
  EXPECT_THAT(begun(), IsEmpty()) << "what was made up for is done with";
}

TEST_F(SchedulerTest, ASleepOfTheMachineIsDowntime) {
  has("shop", {nightly(model::MissedFirings::skip)});
  start();
  (void)scheduler_->advance();
  advance_to("2026-11-21T08:00");
  EXPECT_THAT(begun(), IsEmpty());
  live_until("2026-11-22T02:30");
  EXPECT_THAT(begun(), ElementsAre("shop nightly 2026-11-22T02:30"));
}

// The server dies after a run has begun and before that is noted: who begins finds it (a port's
// duty); what could not begin is not noted.
TEST_F(SchedulerTest, WhatCouldNotBeginIsTriedAgain) {
  has("shop", {nightly()});
  start();
  live_until("2026-11-21T02:29");
  trouble_ = ErrorKind::unavailable;
  live_until("2026-11-21T03:00");
  EXPECT_THAT(begun(), IsEmpty());
  EXPECT_THAT(told_, ElementsAre(HasSubstr("trouble"))) << "told once, not each minute";
  start();
  trouble_.reset();
  live_until("2026-11-21T03:05");
  EXPECT_THAT(begun(), ElementsAre("shop nightly 2026-11-21T02:30"));
}

TEST_F(SchedulerTest, WhatIsWrongWithThePipelineIsToldAndDoneWith) {
  has("shop", {nightly()});
  start();
  live_until("2026-11-21T02:29");
  trouble_ = ErrorKind::invalid;
  live_until("2026-11-21T03:00");
  trouble_.reset();
  live_until("2026-11-21T04:00");
  EXPECT_THAT(begun(), IsEmpty());
  EXPECT_THAT(told_, ElementsAre(HasSubstr("starts nothing: trouble")));
}

TEST_F(SchedulerTest, ThePipelineAsItIsNowSaysWhatFires) {
  has("shop", {nightly()});
  start();
  live_until("2026-11-21T02:29");
  has("shop", {});
  live_until("2026-11-22T12:00");
  EXPECT_THAT(begun(), IsEmpty());
  EXPECT_THAT(scheduler_->upcoming(), IsEmpty());
}

TEST_F(SchedulerTest, WhatCannotBeReadStaysAsItWas) {
  has("shop", {nightly()});
  start();
  live_until("2026-11-20T13:00");
  unreadable_ = ErrorKind::unavailable;
  scheduler_->look("shop");
  live_until("2026-11-21T12:00");
  EXPECT_THAT(begun(), ElementsAre("shop nightly 2026-11-21T02:30"));
  EXPECT_THAT(told_, SizeIs(2)) << "the trouble once, and the run";
}

TEST_F(SchedulerTest, WhatIsForgottenBeginsAnew) {
  has("shop", {nightly(model::MissedFirings::run_all)});
  start();
  (void)scheduler_->advance();
  unreadable_ = ErrorKind::not_found;
  scheduler_->look("shop");
  (void)scheduler_->advance();
  EXPECT_THAT(scheduler_->upcoming(), IsEmpty());
  clock_.advance(hours(24 * 3));
  unreadable_.reset();
  has("shop", {nightly(model::MissedFirings::run_all)});
  live_until("2026-11-23T13:00");
  EXPECT_THAT(begun(), IsEmpty()) << "a repository of the same name is another one";
}

}  // namespace
}  // namespace pipeline::serve
