#include "pipelines/rollout/way_back.h"

#include <gmock/gmock.h>

#include "pipelines/rollout/plan_text.h"
#include "tests/support/golden.h"
#include "tests/unit/pipelines/rollout/samples.h"

namespace pipeline::rollout {
namespace {

using testing::ElementsAre;

EnvironmentRecord swapped() {
  EnvironmentRecord record;
  record.releases = {sample_release(1, 8101), sample_release(2, 8103)};
  record.current = 1;
  record.deployment = Deployment{};
  record.deployment->release = 2;
  record.deployment->old_release = 1;
  record.deployment->before.blue = endpoints_of(record.fleet_of(1));
  return record;
}

Reality reality_of(const EnvironmentRecord& record) {
  Reality reality;
  reality.healthy = {"r1-1", "r1-2", "r2-1", "r2-2"};
  reality.switch_running = true;
  reality.traffic.blue = endpoints_of(record.fleet_of(1));
  reality.traffic.green = endpoints_of(record.fleet_of(2));
  reality.traffic.green_percent = 100;
  return reality;
}

std::vector<std::string> described(const Steps& steps) {
  std::vector<std::string> lines;
  for (const Step& step : steps) lines.push_back(describe(step));
  return lines;
}

TEST(WayBack, IsOneAssignmentAwayWhenTheOldFleetIsWarm) {
  const auto record = swapped();
  EXPECT_THAT(
      described(plan_way_back(record, reality_of(record))),
      ElementsAre("make sure the traffic switch runs",
                  "send all requests to r1-1, r1-2; none to r2-1, r2-2",
                  "let requests under way at r2-1, r2-2 finish", "send all requests to r1-1, r1-2",
                  "stop r2-1, r2-2", "delete the files of release 2", "rolled-back"));
}

EnvironmentRecord settled() {
  EnvironmentRecord record = swapped();
  record.current = 2;
  record.previous = 1;
  record.deployment->state = State::retaining;
  record.traffic = reality_of(record).traffic;
  return record;
}

TEST(Repair, IsNothingWhereEverythingIsAsItShouldBe) {
  EXPECT_TRUE(plan_repair(settled(), reality_of(settled())).empty());
  Reality cold = reality_of(settled());
  cold.healthy = {"r2-1", "r2-2"};
  EXPECT_TRUE(plan_repair(settled(), cold).empty()) << "a warm fleet is not needed to serve";
}

TEST(Repair, BringsBackSwitchInstancesAndTraffic) {
  EXPECT_THAT(
      described(plan_repair(settled(), Reality{})),
      ElementsAre("make sure the traffic switch runs", "start r2-1, r2-2 on ports 8103, 8104",
                  "wait until r2-1, r2-2 are healthy", "send all requests to r2-1, r2-2"));
}

TEST(Repair, PutsBackTrafficThatSomebodyChanged) {
  Reality reality = reality_of(settled());
  reality.traffic.green_percent = 0;
  EXPECT_THAT(described(plan_repair(settled(), reality)),
              ElementsAre("make sure the traffic switch runs", "send all requests to r2-1, r2-2"));
}

TEST(WayBack, LetsWhoIsHealthyServeUntilTheOldOnesAreBack) {
  const auto record = swapped();
  Reality reality = reality_of(record);
  reality.healthy = {"r2-2"};
  const auto lines = described(plan_way_back(record, reality));
  EXPECT_EQ(lines[1], "send all requests to r2-2");
  EXPECT_EQ(lines[2], "start r1-1, r1-2 on ports 8101, 8102");
  EXPECT_EQ(lines[3], "wait until r1-1, r1-2 are healthy");
  EXPECT_EQ(lines[4], "send all requests to r1-1, r1-2; none to r2-1, r2-2");
}

TEST(WayBack, FromTheFirstReleaseEndsWithNothing) {
  auto record = swapped();
  record.deployment->old_release = 0;
  record.deployment->before = {};
  EXPECT_THAT(described(plan_way_back(record, Reality{})),
              ElementsAre("stop r2-1, r2-2", "stop the traffic switch",
                          "delete the files of release 2", "rolled-back"));
}

TEST(WayOn, MakesSureThatTheNewReleaseServesAndAsksTheGatesAgain) {
  auto record = swapped();
  record.current = 2;
  record.traffic = reality_of(record).traffic;
  EXPECT_THAT(
      described(plan_way_on(record)),
      ElementsAre("make sure the traffic switch runs", "start r2-1, r2-2 on ports 8103, 8104",
                  "wait until r2-1, r2-2 are healthy", "send all requests to r2-1, r2-2",
                  "ask the smoke gates again, on the public address", "retaining"));
}

TEST(Cleaning, EndsTheWarmFleetAndKeepsWhatIsNeeded) {
  auto record = swapped();
  record.releases.push_back(sample_release(3, 8105));
  record.current = 3;
  record.previous = 1;
  record.previous_is_warm = true;
  record.releases[2].environment.retain.releases = 1;
  record.traffic.blue = endpoints_of(record.fleet_of(1));
  record.traffic.green = endpoints_of(record.fleet_of(3));
  record.traffic.green_percent = 100;
  EXPECT_THAT(
      described(plan_cleaning(record)),
      ElementsAre("make sure the traffic switch runs",
                  "let requests under way at r1-1, r1-2 finish", "send all requests to r3-1, r3-2",
                  "stop r1-1, r1-2", "delete the files of release 2", "cleaned"));
}

TEST(PlanText, TellsWhatEachStrategyDoes) {
  model::Environment environment = sample_release(1, 8101).environment;
  environment.strategy.bake = std::chrono::seconds(90);
  std::string text;
  for (const auto kind : {model::StrategyKind::blue_green, model::StrategyKind::rolling,
                          model::StrategyKind::all_at_once}) {
    environment.strategy.kind = kind;
    text += plan_text(environment) + "\n";
  }
  EXPECT_TRUE(support::matches_golden("rollout/plan.txt", text));
}

}  // namespace
}  // namespace pipeline::rollout
