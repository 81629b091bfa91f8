#include "runner/serve/log_waits.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace pipeline::serve {
namespace {

using std::chrono::seconds;

class LogWaitsTest : public testing::Test {
 protected:
  LogWaits::Ticket begin(run::RunId run, const std::string& job) {
    return waits_.begin(run, job, clock_.now() + seconds(20));
  }
  void wait(LogWaits::Ticket ticket) {
    waits_.wait(ticket, [this] { ++called_; });
  }

  support::ManualClock clock_;
  LogWaits waits_{clock_, [this](const std::function<void()>& task) {
                    ++tasks_;
                    task();
                  }};
  int called_ = 0;
  int tasks_ = 0;
};

TEST_F(LogWaitsTest, WhatTheJobPrintsIsHeardOnce) {
  wait(begin(1, "build"));
  waits_.note(1, "test");
  waits_.note(2, "build");
  EXPECT_EQ(called_, 0);
  waits_.note(1, "build");
  waits_.note(1, "build");
  EXPECT_EQ(called_, 1);
}

TEST_F(LogWaitsTest, ACrowdIsOneTask) {
  for (int i = 0; i < 500; ++i) wait(begin(1, "build"));
  waits_.note(1, "build");
  EXPECT_EQ(called_, 500);
  EXPECT_EQ(tasks_, 1);
}

TEST_F(LogWaitsTest, WhatComesWhileSomebodyLooksIsNotMissed) {
  const auto ticket = begin(1, "build");
  waits_.note(1, "build");
  wait(ticket);
  EXPECT_EQ(called_, 1);
}

TEST_F(LogWaitsTest, AnEndIsNews) {
  wait(begin(1, "build"));
  waits_.note(
      1,
      run::Event{.sequence = 1, .at = {}, .body = run::JobStarted{.job = "build", .attempt = 1}});
  EXPECT_EQ(called_, 0);
  waits_.note(1, run::Event{.sequence = 1,
                            .at = {},
                            .body = run::JobFinished{.job = "build", .attempt = 1, .reason = ""}});
  EXPECT_EQ(called_, 1);
  wait(begin(1, "build"));
  waits_.note(
      2,
      run::Event{.sequence = 1, .at = {}, .body = run::RunFinished{run::RunStatus::succeeded, ""}});
  EXPECT_EQ(called_, 1);
  waits_.note(
      1,
      run::Event{.sequence = 1, .at = {}, .body = run::RunFinished{run::RunStatus::succeeded, ""}});
  EXPECT_EQ(called_, 2);
}

TEST_F(LogWaitsTest, NobodyWaitsForLongerThanItSaid) {
  wait(begin(1, "build"));
  const auto looks = begin(1, "build");
  clock_.advance(seconds(19));
  waits_.advance();
  EXPECT_EQ(called_, 0);
  clock_.advance(seconds(1));
  waits_.advance();
  EXPECT_EQ(called_, 1);
  wait(looks);
  EXPECT_EQ(called_, 2);
}

TEST_F(LogWaitsTest, WhoHasLeftIsNotCalled) {
  const auto ticket = begin(1, "build");
  wait(ticket);
  waits_.end(ticket);
  waits_.note(1, "build");
  wait(ticket);
  EXPECT_EQ(called_, 0);
}

TEST_F(LogWaitsTest, NobodyWaitsForAServerThatStops) {
  wait(begin(1, "build"));
  waits_.close();
  EXPECT_EQ(called_, 1);
  wait(begin(1, "build"));
  EXPECT_EQ(called_, 2);
}

}  // namespace
}  // namespace pipeline::serve
