// What the driver does whatever the strategy: killed at any call, too.
#include "stages/deploy/driver.h"

#include <gmock/gmock.h>

#include "tests/unit/stages/deploy/driver_fixture.h"

namespace pipeline::deploy {
namespace {

using model::StrategyKind;
using support::fake_environment;
using support::Moment;
using support::Scene;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DriverOf : public testing::TestWithParam<StrategyKind> {
 protected:
  model::Environment environment_ = fake_environment(GetParam(), 3);
  Scene scene_;
};

TEST_P(DriverOf, PromotesOneReleaseAfterTheOther) {
  for (std::uint8_t number = 1; number <= 4; ++number) {
    const auto result = scene_.deploy(scene_.request(number, environment_));
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->verdict, Verdict::promoted) << result->reason;
    EXPECT_EQ(result->release, number);
    EXPECT_EQ(scene_.world.served(), names(number, 3));
  }
  EXPECT_EQ(scene_.status().previous, 3U);
}

TEST_P(DriverOf, GoesBackWhenTheNewReleaseDoesNotBecomeHealthy) {
  ASSERT_TRUE(scene_.deploy(scene_.request(1, environment_)));
  scene_.world.behaviour[2].boot = std::chrono::hours(1);
  const auto result = scene_.deploy(scene_.request(2, environment_));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(result->release, 1U);
  EXPECT_THAT(result->reason, HasSubstr("did not become healthy in time: HTTP 503"));
  EXPECT_EQ(scene_.world.served(), names(1, 3));
  EXPECT_EQ(scene_.world.running(), names(1, 3));
  EXPECT_THAT(scene_.world.installed, ElementsAre(1));
}

TEST_P(DriverOf, GoesBackWhenAnInstanceFallsSickWhileBaking) {
  ASSERT_TRUE(scene_.deploy(scene_.request(1, environment_)));
  scene_.world.behaviour[2].sick_after = std::chrono::seconds(2);
  const auto result = scene_.deploy(scene_.request(2, environment_));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(scene_.world.served(), names(1, 3));
  EXPECT_EQ(scene_.world.running(), names(1, 3));
}

TEST_P(DriverOf, GoesBackWhenTheSmokeGateSaysNoAfterPromotion) {
  ASSERT_TRUE(scene_.deploy(scene_.request(1, environment_)));
  scene_.world.failing_gates = {"smoke after"};
  const auto result = scene_.deploy(scene_.request(2, environment_));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(result->reason, "smoke after: exit code 1");
  EXPECT_THAT(scene_.told, testing::IsSupersetOf({testing::EndsWith(": | expected 200"),
                                                  testing::EndsWith(": | got 500")}));
  EXPECT_EQ(scene_.world.served(), names(1, 3));
  EXPECT_EQ(scene_.status().release, 1U);
}

TEST_P(DriverOf, AFailedFirstDeploymentLeavesNothingRunning) {
  scene_.world.failing_gates = {"smoke before"};
  const auto result = scene_.deploy(scene_.request(1, environment_));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(result->release, 0U);
  EXPECT_THAT(scene_.world.instances, IsEmpty());
  EXPECT_FALSE(scene_.world.switch_running);
  EXPECT_THAT(scene_.world.installed, IsEmpty());
}

TEST_P(DriverOf, AStopLeadsBackAndDoesNotBlameTheRelease) {
  ASSERT_TRUE(scene_.deploy(scene_.request(1, environment_)));
  scene_.world.on_call = [this](Moment, const std::string& call) -> base::Result<> {
    if (call == "gate smoke before") scene_.stop.request_stop();
    return {};
  };
  const auto result = scene_.deploy(scene_.request(2, environment_));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(result->reason, "stopped on request");
  EXPECT_EQ(scene_.world.served(), names(1, 3));
  EXPECT_THAT(scene_.status().bad, IsEmpty());
}

// Kills the driver at its n-th call, before or after the effect; whoever comes next reconciles.
TEST_P(DriverOf, KilledAtAnyCallLeavesTheOldOrTheNewReleaseServing) {
  int kills = 0;
  for (const bool by_resume : {true, false}) {
    bool killed = true;
    for (int at = 1; killed; ++at) {
      Scene scene;
      ASSERT_TRUE(scene.deploy(scene.request(1, environment_)));
      int calls = 0;
      killed = false;
      scene.world.on_call = [&](Moment, const std::string&) -> base::Result<> {
        if (++calls == at) throw SimulatedKill{};
        return {};
      };
      try {
        ASSERT_TRUE(scene.deploy(scene.request(2, environment_)));
      } catch (const SimulatedKill&) {
        killed = true;
      }
      scene.world.on_call = [](Moment, const std::string&) -> base::Result<> { return {}; };
      if (!killed) break;
      const auto again = by_resume ? scene.resume() : scene.deploy(scene.request(3, environment_));
      ASSERT_TRUE(again) << "killed at " << at << ": " << again.error().to_string();
      const std::uint64_t now = scene.status().release;
      EXPECT_EQ(scene.world.served(), names(now, 3)) << "killed at " << at;
      EXPECT_TRUE(by_resume || again->verdict == Verdict::promoted) << "killed at " << at;
      EXPECT_FALSE(is_unfinished(scene.record())) << "killed at " << at;
      EXPECT_THAT(scene.status().bad, IsEmpty()) << "killed at " << at;
      ++kills;
    }
  }
  EXPECT_GT(kills, 30);
}

INSTANTIATE_TEST_SUITE_P(Strategies, DriverOf,
                         testing::Values(StrategyKind::all_at_once, StrategyKind::rolling,
                                         StrategyKind::blue_green),
                         [](const auto& made) {
                           std::string name(to_string(made.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace pipeline::deploy
