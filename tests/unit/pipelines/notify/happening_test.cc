#include "pipelines/notify/happening.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pipeline::notify {
namespace {

using run::JobStatus;
using run::RunStatus;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Happening::Kind;

class RunFollowerTest : public testing::Test {
 protected:
  RunFollowerTest() {
    pipeline_.stages.resize(2);
    pipeline_.stages[0].name = "unit";
    pipeline_.stages[1].name = "go";
    pipeline_.stages[1].kind = model::StageKind::approval;
    follower_.emplace(pipeline_);
  }

  std::vector<Happening> take(run::EventBody body) {
    return follower_->take({.sequence = ++sequence_, .at = {}, .body = std::move(body)});
  }
  std::vector<Kind> kinds(run::EventBody body) {
    std::vector<Kind> kinds;
    for (const Happening& one : take(std::move(body))) kinds.push_back(one.kind);
    return kinds;
  }
  static run::JobFinished ended(const std::string& job, JobStatus status = JobStatus::succeeded,
                                const std::string& reason = "") {
    run::JobFinished finished;
    finished.job = job;
    finished.status = status;
    finished.reason = reason;
    return finished;
  }
  void end(const std::string& job, JobStatus status, const std::string& reason = "") {
    take(ended(job, status, reason));
  }

  model::Pipeline pipeline_;
  std::optional<RunFollower> follower_;
  std::uint64_t sequence_ = 0;
};

TEST_F(RunFollowerTest, ARunFromItsStartToItsEnd) {
  EXPECT_THAT(kinds(run::RunCreated{}), ElementsAre(Kind::queued));
  EXPECT_THAT(kinds(run::JobQueued{"unit"}), IsEmpty());
  EXPECT_THAT(kinds(run::JobStarted{"unit"}), ElementsAre(Kind::started, Kind::job_started));
  EXPECT_THAT(kinds(run::JobStarted{"lint"}), ElementsAre(Kind::job_started));
  EXPECT_THAT(kinds(ended("unit")), ElementsAre(Kind::job_finished));
  const auto ended = take(run::RunFinished{RunStatus::failed, "unit failed"});
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].kind, Kind::finished);
  EXPECT_EQ(ended[0].status, RunStatus::failed);
  EXPECT_EQ(ended[0].reason, "unit failed");
  EXPECT_EQ(ended[0].sequence, 6U);
  EXPECT_EQ(ended[0].before, std::nullopt);
}

TEST_F(RunFollowerTest, AQuestionIsToldOnceForEachAttempt) {
  EXPECT_THAT(kinds(run::JobWaiting{"unit", 1, "waiting for lock db"}), IsEmpty());
  const auto asked = take(run::JobWaiting{"go", 1, "release? pipeline approve 1 go"});
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].kind, Kind::approval);
  EXPECT_EQ(asked[0].job, "go");
  EXPECT_EQ(asked[0].reason, "release? pipeline approve 1 go");
  EXPECT_THAT(kinds(run::JobWaiting{"go", 1, "approved by alice"}), IsEmpty());
  EXPECT_THAT(kinds(run::JobWaiting{"go", 2, "release?"}), ElementsAre(Kind::approval));
  EXPECT_THAT(kinds(run::JobWaiting{"go[a=b]", 1, "release?"}), ElementsAre(Kind::approval));
}

TEST_F(RunFollowerTest, ARunThatIsTriedAgainIsHeldAgainstItself) {
  take(run::JobStarted{"unit"});
  end("unit", JobStatus::failed, "exit status 1");
  end("lint", JobStatus::errored, "agent lost");
  EXPECT_THAT(follower_->troubles(),
              ElementsAre(Trouble{"unit", JobStatus::failed, "exit status 1"},
                          Trouble{"lint", JobStatus::errored, "agent lost"}));
  take(run::RunFinished{RunStatus::failed, ""});
  EXPECT_THAT(kinds(run::RunRetried{{"unit"}}), ElementsAre(Kind::queued));
  EXPECT_THAT(follower_->troubles(),
              ElementsAre(Trouble{"lint", JobStatus::errored, "agent lost"}));
  EXPECT_THAT(kinds(run::JobStarted{"unit", 2}), ElementsAre(Kind::started, Kind::job_started));
  end("lint", JobStatus::succeeded);
  EXPECT_THAT(follower_->troubles(), IsEmpty());
  EXPECT_EQ(take(run::RunFinished{RunStatus::succeeded, ""})[0].before, RunStatus::failed);
}

TEST_F(RunFollowerTest, WhatIsWorthSomethingMayMatter) {
  run::JobWaiting question;
  question.job = "go";
  const std::vector<run::EventBody> bodies = {
      run::RunCreated{}, run::RunRetried{},  run::JobStarted{"unit"}, question,
      ended("unit"),     run::RunFinished{}, run::CommandStarted{},   run::JobLeased{},
      run::JobSkipped{}};
  for (const run::EventBody& body : bodies) {
    const run::Event event{.sequence = 1, .at = {}, .body = body};
    if (!RunFollower(pipeline_).take(event).empty()) {
      EXPECT_TRUE(may_matter(event)) << body.index();
    }
  }
  EXPECT_FALSE(may_matter({.sequence = 1, .at = {}, .body = run::CommandStarted{}}));
}

}  // namespace
}  // namespace pipeline::notify
