#include <gmock/gmock.h>

#include <utility>

#include "tests/unit/pipelines/rollout/samples.h"

namespace pipeline::rollout {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Entries one after the other, a second apart.
class Story {
 public:
  base::Result<> tell(EntryBody body) {
    return apply(record_, at(++now_ * 1'000'000, std::move(body)));
  }
  void enter(State state) { ASSERT_TRUE(tell(Entered{state})) << to_string(state); }
  void open(std::uint64_t number, DeploymentKind kind = DeploymentKind::deploy) {
    ASSERT_TRUE(tell(Opened{kind, sample_release(number, 8101), {}}));
  }
  void reach_promoted() {
    for (const State state :
         {State::prepared, State::validated, State::shifting, State::baking, State::promoted}) {
      enter(state);
    }
  }
  void deploy(std::uint64_t number) {
    open(number);
    reach_promoted();
    enter(State::retaining);
  }
  const EnvironmentRecord& record() const { return record_; }

 private:
  EnvironmentRecord record_;
  std::int64_t now_ = 0;
};

TEST(Fold, KnowsWhoAskedForTheLastDeployment) {
  Story story;
  story.deploy(1);
  EXPECT_EQ(story.record().deployment->by, "") << "as an older program wrote it";
  ASSERT_TRUE(
      story.tell(Opened{DeploymentKind::deploy, sample_release(2, 8101), {}, "push by ann"}));
  EXPECT_EQ(story.record().deployment->by, "push by ann");
}

TEST(Fold, ThePointerMovesWithPromotedAndNotBefore) {
  Story story;
  story.deploy(1);
  story.open(2);
  EXPECT_EQ(story.record().current, 1U);
  story.reach_promoted();
  EXPECT_EQ(story.record().current, 2U);
  EXPECT_EQ(story.record().previous, 1U);
}

TEST(Fold, ADeploymentThatWentBackLeavesThePointersAsTheyWere) {
  Story story;
  story.deploy(1);
  story.deploy(2);
  story.open(3);
  story.reach_promoted();
  ASSERT_TRUE(story.tell(Entered{State::rolling_back, 0, "smoke", Blame::release}));
  story.enter(State::rolled_back);
  EXPECT_EQ(story.record().current, 2U);
  EXPECT_EQ(story.record().previous, 1U);
  EXPECT_THAT(story.record().bad, ElementsAre(sample_release(3, 1).digest));
  EXPECT_EQ(story.record().deployment->reason, "smoke");
}

TEST(Fold, PassedMeansThroughTheLastGate) {
  Story story;
  story.open(1);
  story.reach_promoted();
  EXPECT_THAT(story.record().passed, IsEmpty());
  story.enter(State::retaining);
  EXPECT_THAT(story.record().passed, ElementsAre(sample_release(1, 1).digest));
}

TEST(Fold, WhatIsDistrustedHasNotPassedAnyMore) {
  Story returned;
  returned.deploy(1);
  returned.deploy(2);
  returned.open(1, DeploymentKind::rollback);
  returned.reach_promoted();
  EXPECT_THAT(returned.record().passed, ElementsAre(sample_release(1, 1).digest));

  Story blamed;
  blamed.deploy(1);
  blamed.open(1);
  ASSERT_TRUE(blamed.tell(Entered{State::rolling_back, 0, "smoke", Blame::release}));
  EXPECT_THAT(blamed.record().passed, IsEmpty());

  Story stopped;
  stopped.deploy(1);
  stopped.open(1);
  ASSERT_TRUE(stopped.tell(Entered{State::rolling_back, 0, "stopped", Blame::nobody}));
  EXPECT_THAT(stopped.record().passed, ElementsAre(sample_release(1, 1).digest));
}

TEST(Fold, WhoeverReturnsToAnEarlierReleaseDistrustsTheLaterOne) {
  Story story;
  story.deploy(1);
  story.deploy(2);
  story.open(1, DeploymentKind::rollback);
  story.reach_promoted();
  EXPECT_EQ(story.record().current, 1U);
  EXPECT_THAT(story.record().bad, ElementsAre(sample_release(2, 1).digest));
}

TEST(Fold, RemembersTheTrafficThatWasReallyAssigned) {
  Story story;
  story.open(1);
  Traffic wanted;
  wanted.green_percent = 100;
  ASSERT_TRUE(story.tell(Planned{Direction::forward, {AssignTraffic{wanted}}}));
  ASSERT_TRUE(story.tell(Intent{0}));
  ASSERT_TRUE(story.tell(Outcome{0, false, "no"}));
  EXPECT_EQ(story.record().traffic, Traffic{});
  ASSERT_TRUE(story.tell(Outcome{0, true, ""}));
  EXPECT_EQ(story.record().traffic, wanted);
}

TEST(Fold, RefusesWhatCannotFollowAndKeepsTheRecord) {
  Story story;
  EXPECT_FALSE(story.tell(Entered{State::promoted}));
  EXPECT_FALSE(story.tell(Intent{0}));
  story.open(1);
  EXPECT_FALSE(story.tell(Entered{State::promoted}));
  EXPECT_FALSE(story.tell(Opened{DeploymentKind::deploy, sample_release(2, 8101), {}}));
  EXPECT_EQ(story.record().deployment->state, State::approved);
  EXPECT_EQ(story.record().last_release, 1U);
}

TEST(Fold, ShutDownForgetsWhoServedButNotTheHistory) {
  Story story;
  story.deploy(1);
  ASSERT_TRUE(story.tell(ShutDown{}));
  EXPECT_EQ(story.record().current, 0U);
  EXPECT_EQ(story.record().last_release, 1U);
  EXPECT_EQ(story.record().releases.size(), 1U);
}

TEST(CleaningDue, IsTheWarmTimeAfterRetainingOrAtOnceWithNothingWarm) {
  Story story;
  EXPECT_FALSE(cleaning_due(story.record()));
  story.deploy(1);
  EXPECT_EQ(cleaning_due(story.record()), story.record().deployment->since);
  EnvironmentRecord warm = story.record();
  warm.previous_is_warm = true;
  EXPECT_EQ(cleaning_due(warm), warm.deployment->since + std::chrono::minutes(10));
}

}  // namespace
}  // namespace pipeline::rollout
