#include "stages/deploy/driver.h"

#include <gmock/gmock.h>

#include "tests/unit/stages/deploy/driver_fixture.h"

namespace pipeline::deploy {
namespace {

using support::MemoryJournal;
using support::Moment;
using support::Scene;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The first call whose name starts so fails.
void fail_call(Scene& scene, const std::string& start, base::ErrorKind kind) {
  scene.world.on_call = [start, kind, done = false](
                            Moment moment, const std::string& call) mutable -> base::Result<> {
    if (done || moment == Moment::after || !call.starts_with(start)) return {};
    done = true;
    return base::fail(kind, "no luck with " + call);
  };
}

TEST(Driver, AsksTogglesAndSmokeBeforeTrafficAndSmokeAgainAfterPromotion) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  EXPECT_THAT(scene.world.gates_asked, ElementsAre("toggle before", "smoke before", "smoke after"));
}

TEST(Driver, RefusesADigestThatWasRolledBackUnlessForced) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.world.failing_gates = {"toggle before"};
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  scene.world.failing_gates = {};
  EXPECT_THAT(scene.status().bad, ElementsAre(support::fake_digest(2)));
  auto request = scene.request(2, kBlueGreen);
  const auto refused = scene.deploy(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
  request.force = true;
  EXPECT_EQ(scene.deploy(request)->verdict, Verdict::promoted);
  EXPECT_THAT(scene.status().bad, IsEmpty());
}

TEST(Driver, AGateThatCannotBeAskedLeadsBackButBlamesNobody) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  fail_call(scene, "gate", base::ErrorKind::unavailable);
  EXPECT_EQ(scene.deploy(scene.request(2, kBlueGreen))->verdict, Verdict::rolled_back);
  EXPECT_THAT(scene.status().bad, IsEmpty());
}

// Whatever a port may call it: starting, switching and stopping is our side.
TEST(Driver, OnlyGatesHealthAndBakeBlameTheRelease) {
  for (const char* call : {"run switch", "install", "start", "assign", "drain"}) {
    Scene scene;
    ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
    fail_call(scene, call, base::ErrorKind::failed);
    const auto result = scene.deploy(scene.request(2, kBlueGreen));
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->blame, rollout::Blame::nobody) << call;
    EXPECT_THAT(scene.status().bad, IsEmpty()) << call;
  }
  Scene scene;
  scene.world.failing_gates = {"smoke before"};
  EXPECT_EQ(scene.deploy(scene.request(1, kBlueGreen))->blame, rollout::Blame::release);
}

TEST(Driver, KeepsTheHintOfWhatLedBack) {
  Scene scene;
  scene.world.on_call = [](Moment, const std::string& call) -> base::Result<> {
    if (!call.starts_with("start")) return {};
    return base::fail(base::Error(base::ErrorKind::exhausted, "no memory").hint("buy some"));
  };
  const auto result = scene.deploy(scene.request(1, kBlueGreen));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(result->reason, "no memory");
  EXPECT_EQ(result->hint, "buy some");
}

TEST(Driver, TouchesNothingWhenItSeesThatItCannotBeDone) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  const auto before = scene.disk.environments[scene.key].lines;
  std::vector<std::string> calls;
  scene.world.on_call = [&](Moment, const std::string& call) -> base::Result<> {
    if (call != "observe instances") calls.push_back(call);  // looking touches nothing
    return {};
  };
  scene.world.unknown_artifacts = {support::fake_digest(3).hex()};
  const auto unknown = scene.deploy(scene.request(3, kBlueGreen));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind(), base::ErrorKind::not_found);
  scene.world.switch_trouble = base::Error(base::ErrorKind::unavailable, "no haproxy");
  for (const auto& refused : {scene.deploy(scene.request(4, kBlueGreen)), scene.roll_back()}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::unavailable);
  }
  EXPECT_THAT(calls, IsEmpty());
  EXPECT_EQ(scene.disk.environments[scene.key].lines, before);
}

TEST(Driver, DoesNotTakeTheAnswerOfAnotherForAnInstancesOwn) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.world.ended = {"r2-1"};
  const auto result = scene.deploy(scene.request(2, kBlueGreen));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_THAT(result->reason, HasSubstr("r2-1 on 127.0.0.1:8103 did not become healthy in time: "
                                        "it does not run"));
}

TEST(Driver, ResumingBringsBackAServiceThatIsDown) {
  for (const bool by_rollback : {false, true}) {
    Scene scene;
    ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
    ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
    // As after a restart of the machine.
    scene.world.instances.clear();
    scene.world.switch_running = false;
    scene.world.traffic = {};
    const auto back = by_rollback ? scene.roll_back(2) : scene.resume();
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(back->verdict, Verdict::restored);
    EXPECT_EQ(back->release, 2U);
    EXPECT_EQ(scene.world.served(), names(2, 2));
    EXPECT_EQ(scene.resume()->verdict, Verdict::unchanged);
    EXPECT_EQ(scene.roll_back()->release, 1U) << "whose fleet is gone, but not its files";
    EXPECT_EQ(scene.world.served(), names(1, 2));
  }
}

TEST(Driver, ResumingSaysWhyTheServiceStaysDown) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.world.instances.erase("r1-2");
  scene.world.behaviour[1].boot = std::chrono::hours(1);
  const auto down = scene.resume();
  ASSERT_FALSE(down);
  EXPECT_THAT(down.error().to_string(), HasSubstr("failed to bring back release 1: r1-2 on"));
  scene.world.behaviour.clear();
  scene.world.instances.erase("r1-2");
  EXPECT_EQ(scene.resume()->verdict, Verdict::restored);
  EXPECT_EQ(scene.world.served(), names(1, 2));
}

TEST(Driver, AnEnvironmentBelongsToTheRepositoryThatDeployedThere) {
  Scene scene;
  auto ours = scene.request(1, kBlueGreen);
  ours.repository = "/src/shop";
  ASSERT_TRUE(scene.deploy(ours));
  auto theirs = scene.request(2, kBlueGreen);
  theirs.repository = "/src/another-shop";
  const auto refused = scene.deploy(theirs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(refused.error().to_string(),
            "production of pipeline shop belongs to /src/shop, and this deployment is from "
            "/src/another-shop");
  theirs.force = true;
  EXPECT_EQ(scene.deploy(theirs)->verdict, Verdict::promoted);
  EXPECT_FALSE(scene.deploy(ours)) << "it was taken over";
  ASSERT_TRUE(scene.with_driver(
      [&](Driver& driver) { return driver.shut_down(scene.key, scene.observer()); }));
  EXPECT_TRUE(scene.deploy(ours)) << "it was given up";
}

TEST(Driver, ChangesNothingWhenTheReleaseServesAlready) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  const auto again = scene.deploy(scene.request(1, kBlueGreen));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->verdict, Verdict::unchanged);
  EXPECT_EQ(again->release, 1U);
  model::Environment changed = kBlueGreen;
  changed.start = "./shop --port $PORT --verbose";
  EXPECT_EQ(scene.deploy(scene.request(1, changed))->release, 2U);
}

TEST(Driver, PromotesFromAnotherEnvironmentOnlyWhatPassedThere) {
  Scene scene;
  support::FakeWorld staging;  // its clock stands still: the driver waits on the scene's
  staging.behaviour[1].boot = base::Duration(0);
  const EnvironmentKey key{"shop", "staging"};
  scene.ports.add(key, staging);
  auto to_production = scene.request(1, kBlueGreen);
  to_production.promote_from = {"staging"};
  const auto refused = scene.deploy(to_production);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("did not pass the gates of staging"));

  auto to_staging = scene.request(1, kBlueGreen);
  to_staging.key = key;
  ASSERT_TRUE(scene.deploy(to_staging));
  EXPECT_EQ(scene.deploy(to_production)->verdict, Verdict::promoted);
}

TEST(Driver, ReturnsToTheWarmFleetWithoutStartingAnything) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  EXPECT_EQ(scene.world.running().size(), 4U);
  const auto before = scene.world.clock.now();
  std::vector<std::string> calls;
  scene.world.on_call = [&](Moment, const std::string& call) -> base::Result<> {
    calls.push_back(call);
    return {};
  };
  const auto back = scene.roll_back();
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->verdict, Verdict::promoted);
  EXPECT_EQ(back->release, 1U);
  EXPECT_EQ(scene.world.clock.now(), before) << "it had to wait";
  EXPECT_THAT(calls, testing::Not(Contains(HasSubstr("start"))));
  EXPECT_EQ(scene.world.served(), names(1, 2));
  EXPECT_THAT(scene.status().bad, ElementsAre(support::fake_digest(2)));
}

TEST(Driver, KeepsWhoAsked) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  DeploymentRequest request = scene.request(2, kBlueGreen);
  request.by = "push by bob";
  ASSERT_TRUE(scene.deploy(request));
  EXPECT_EQ(scene.status().by, "push by bob");
  ASSERT_TRUE(scene.roll_back());
  EXPECT_EQ(scene.status().by, "ann");
}

TEST(Driver, ReturnsToAReleaseWhoseFleetIsGone) {
  Scene scene;
  for (std::uint8_t number = 1; number <= 3; ++number) {
    ASSERT_TRUE(scene.deploy(scene.request(number, kBlueGreen)));
  }
  const auto back = scene.roll_back(1);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->release, 1U);
  EXPECT_EQ(scene.world.served(), names(1, 2));
}

TEST(Driver, HasNowhereToReturnToAfterTheFirstRelease) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  const auto refused = scene.roll_back();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
}

TEST(Driver, EndsTheWarmFleetWithTheFirstCommandAfterItIsDue) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  ASSERT_TRUE(scene.resume());
  EXPECT_EQ(scene.world.running().size(), 4U) << "not due yet";
  scene.world.clock.advance(std::chrono::minutes(11));
  EXPECT_EQ(scene.resume()->verdict, Verdict::unchanged);
  EXPECT_EQ(scene.world.running(), names(2, 2));
  EXPECT_EQ(scene.status().state, "cleaned");
}

TEST(Driver, KeepsAsManyReleasesAsAskedFor) {
  Scene scene;
  for (std::uint8_t number = 1; number <= 6; ++number) {
    ASSERT_TRUE(scene.deploy(scene.request(number, kBlueGreen)));
  }
  scene.world.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(scene.resume());
  EXPECT_THAT(scene.world.installed, ElementsAre(4, 5, 6));
}

TEST(Driver, FreezesAndTellsWhatRunsWhenTheWayBackFails) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.world.failing_gates = {"smoke before"};
  fail_call(scene, "stop", base::ErrorKind::io);
  const auto frozen = scene.deploy(scene.request(2, kBlueGreen));
  ASSERT_TRUE(frozen) << frozen.error().to_string();
  EXPECT_EQ(frozen->verdict, Verdict::frozen);
  EXPECT_THAT(frozen->reason, HasSubstr("going back failed: no luck with stop r2-1"));
  EXPECT_THAT(frozen->reason, HasSubstr("running: r1-1 (pid 4000), r1-2 (pid 4001), r2-1"));
  EXPECT_THAT(frozen->reason, HasSubstr("users reach r1-1, r1-2"));

  const auto refused = scene.deploy(scene.request(3, kBlueGreen));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::conflict);
  EXPECT_EQ(scene.resume()->verdict, Verdict::rolled_back);
  EXPECT_EQ(scene.world.running(), names(1, 2));
}

TEST(Driver, WaitsForWhoeverCameEarlierAndSaysSo) {
  Scene scene;
  support::MemoryJournal journal(scene.disk);
  auto earlier = *journal.enqueue(scene.key);
  int waits = 0;
  scene.world.on_wait = [&] {
    if (++waits == 3) earlier.reset();
  };
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  EXPECT_EQ(scene.told.front(), "queued: waiting for the deployment to production held by pid 1");
  EXPECT_EQ(std::ranges::count(scene.told, scene.told.front()), 1);
}

TEST(Driver, AStopEndsTheWait) {
  Scene scene;
  support::MemoryJournal journal(scene.disk);
  const auto earlier = *journal.enqueue(scene.key);
  scene.world.on_wait = [&] { scene.stop.request_stop(); };
  const auto stopped = scene.deploy(scene.request(1, kBlueGreen));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind(), base::ErrorKind::cancelled);
}

TEST(Driver, RefusesToMoveTheSwitchWhileItServes) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  model::Environment moved = kBlueGreen;
  moved.traffic.listen = "127.0.0.1:9999";
  const auto refused = scene.deploy(scene.request(2, moved));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
}

TEST(Driver, ShutsDownAndCanStartAgain) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  ASSERT_TRUE(scene.with_driver(
      [&](Driver& driver) { return driver.shut_down(scene.key, scene.observer()); }));
  EXPECT_THAT(scene.world.instances, IsEmpty());
  EXPECT_FALSE(scene.world.switch_running);
  EXPECT_EQ(scene.status().release, 0U);
  EXPECT_EQ(scene.deploy(scene.request(2, kBlueGreen))->release, 3U);
  EXPECT_EQ(scene.world.served(), names(3, 2));
}

TEST(Driver, KnowsNothingOfAnEnvironmentThatWasNeverDeployedTo) {
  Scene scene;
  EXPECT_EQ(scene.resume().error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(scene.roll_back().error().kind(), base::ErrorKind::invalid);
}

TEST(Driver, TellsOfAnInterruptedDeployment) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.world.on_call = [](Moment, const std::string& call) -> base::Result<> {
    if (call == "gate smoke before") throw SimulatedKill{};
    return {};
  };
  EXPECT_THROW((void)scene.deploy(scene.request(2, kBlueGreen)), SimulatedKill);
  scene.world.on_call = [](Moment, const std::string&) -> base::Result<> { return {}; };
  const EnvironmentStatus status = scene.status();
  EXPECT_EQ(status.release, 1U);
  EXPECT_EQ(status.state, "prepared");
  EXPECT_THAT(status.reason, HasSubstr("interrupted"));
  EXPECT_EQ(status.instances.size(), 4U);
}

TEST(Driver, TouchesNothingThatALostJournalStarted) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.disk = {};
  const auto result = scene.deploy(scene.request(2, kBlueGreen));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), base::ErrorKind::conflict);
  EXPECT_EQ(result.error().to_string(),
            "production has running instances that its journal does not know: r1-1, r1-2; the "
            "journal (pipeline.db) was lost or replaced");
  EXPECT_EQ(result.error().hint(),
            "put the journal back from a copy; or, to begin anew, end them and the service with "
            "them: kill 5000 5001");
  EXPECT_EQ(scene.world.served(), names(1, 2));
  EXPECT_EQ(scene.world.running(), names(1, 2));
}

TEST(Driver, NumbersReleasesAboveThoseOfALostJournal) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  scene.disk = {};
  scene.world.instances.clear();
  scene.world.traffic = {};
  const auto result = scene.deploy(scene.request(2, kBlueGreen));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::promoted) << result->reason;
  EXPECT_EQ(result->release, 2U);
}

TEST(Driver, ADeadSwitchDoesNotBarTheEndOfAWarmFleet) {
  Scene scene;
  ASSERT_TRUE(scene.deploy(scene.request(1, kBlueGreen)));
  ASSERT_TRUE(scene.deploy(scene.request(2, kBlueGreen)));
  scene.world.lose_switch();
  const auto result = scene.deploy(scene.request(3, kBlueGreen));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::promoted) << result->reason;
  EXPECT_EQ(scene.world.served(), names(3, 2));
}

// Killed when the files of the only release were gone, and nobody had said that it was over.
TEST(Driver, AStopEndsADeploymentThatHasNoReleaseLeft) {
  Scene scene;
  scene.world.failing_gates = {"smoke after"};
  scene.world.on_call = [](Moment moment, const std::string& call) -> base::Result<> {
    if (moment == Moment::after && call == "remove 1") throw SimulatedKill{};
    return {};
  };
  EXPECT_THROW(static_cast<void>(scene.deploy(scene.request(1, kBlueGreen))), SimulatedKill);
  MemoryJournal journal(scene.disk);
  auto place = journal.enqueue(scene.key);
  const auto entries = *journal.read(scene.key);
  const auto* intent = std::get_if<rollout::Intent>(&entries.back().body);
  ASSERT_NE(intent, nullptr);
  ASSERT_TRUE(journal.append(scene.key, *(*place)->poll()->fence,
                             {.at = {}, .body = rollout::Outcome{.step = intent->step}}));
  (*place).reset();
  scene.world.on_call = [](Moment, const std::string&) -> base::Result<> { return {}; };
  ASSERT_TRUE(scene.with_driver([&](Driver& driver) { return driver.shut_down(scene.key, {}); }));
  EXPECT_EQ(scene.status().release, 0U);
  EXPECT_EQ(scene.status().state, "");
}

// What a machine cannot see it must not change: another one's instances look as if they were gone.

}  // namespace
}  // namespace pipeline::deploy
