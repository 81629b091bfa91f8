// Environments on the machine of another agent.
#include "stages/deploy/driver.h"

#include <gtest/gtest.h>

#include "tests/unit/stages/deploy/driver_fixture.h"

namespace pipeline::deploy {
namespace {

using support::Scene;

TEST(DriverElsewhere, TouchesNothingThatIsOnAnotherMachine) {
  Scene scene;
  scene.machine = "prod-1";
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  EXPECT_EQ(scene.record().find(1)->machine, "prod-1");
  scene.machine = "";
  const auto entries = scene.disk.environments[scene.key].lines.size();
  const auto refusal = [](const auto& result) { return result ? "" : result.error().to_string(); };
  const std::string why =
      "production is on agent prod-1, not on the machine that keeps the journal";
  EXPECT_EQ(refusal(scene.deploy(scene.request(2, kBlueGreen))), why);
  EXPECT_EQ(refusal(scene.resume()), why);
  EXPECT_EQ(refusal(scene.roll_back()), why);
  EXPECT_EQ(refusal(scene.with_driver(
                [&](Driver& driver) { return driver.shut_down(scene.key, scene.observer()); })),
            why);
  EXPECT_EQ(scene.disk.environments[scene.key].lines.size(), entries);
  EXPECT_EQ(scene.world.served(), names(1, 2));
}

TEST(DriverElsewhere, TellsWhatTheJournalSays) {
  Scene scene;
  scene.machine = "prod-1";
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  EXPECT_TRUE(scene.status().instances.at(0).is_looked_at);
  scene.machine = "";
  const EnvironmentStatus status = scene.status();
  EXPECT_EQ(status.machine, "prod-1");
  EXPECT_EQ(status.release, 1U);
  ASSERT_EQ(status.instances.size(), 2U);
  for (const InstanceStatus& instance : status.instances) {
    EXPECT_FALSE(instance.is_looked_at);
    EXPECT_TRUE(instance.in_traffic) << instance.name;
  }
}

TEST(DriverElsewhere, MayMoveOnceNothingIsUp) {
  Scene scene;
  scene.machine = "prod-1";
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  ASSERT_TRUE(scene.with_driver(
      [&](Driver& driver) { return driver.shut_down(scene.key, scene.observer()); }));
  scene.machine = "prod-2";
  // Its files are not here, though.
  const auto back = scene.roll_back(1);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().to_string(),
            "release 1 of production was on agent prod-1, not on agent prod-2");
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  EXPECT_EQ(scene.record().find(2)->machine, "prod-2");
}

}  // namespace
}  // namespace pipeline::deploy
