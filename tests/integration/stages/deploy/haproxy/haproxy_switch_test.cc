// What only HAProxy promises: surviving us, itself, and changes of its configuration under load.
#include "stages/deploy/haproxy/haproxy_switch.h"

#include <csignal>
#include <fstream>

#include "stages/deploy/haproxy/haproxy_process.h"
#include "tests/integration/stages/deploy/haproxy/haproxy_world.h"
#include "tests/support/http/http_load.h"

namespace pipeline::deploy::haproxy {
namespace {

using rollout::Traffic;
using support::HttpLoad;

class HaproxySwitchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = HaproxyWorld::missing()) GTEST_SKIP() << *reason;
    world_ = std::make_unique<HaproxyWorld>();
    const auto started = subject().ensure_running();
    ASSERT_TRUE(started) << started.error().to_string();
  }

  HaproxySwitch& subject() { return world_->traffic_switch(); }
  void assign(const Traffic& traffic) {
    const auto assigned = subject().assign(traffic);
    ASSERT_TRUE(assigned) << assigned.error().to_string();
  }
  host::ProcessIdentity process() const { return *HaproxyProcess(world_->directory()).find(); }
  HttpLoad::Options load() const { return {.host = world_->host(), .port = kPublicPort}; }

  static void expect_no_failure(const support::LoadResult& result) {
    EXPECT_GT(result.requests, 0U);
    EXPECT_EQ(result.failed, 0U) << result.first_failure << " (of " << result.requests << ")";
  }

  std::unique_ptr<HaproxyWorld> world_;
};

TEST_F(HaproxySwitchTest, FlipsUnderLoadWithoutAFailedRequest) {
  const auto blue = world_->instance("blue");
  const auto green = world_->instance("green");
  assign({.blue = {blue}});
  HttpLoad load(this->load());
  for (int flip = 0; flip < 20; ++flip) {
    load.await_requests(50);
    assign({.blue = {blue}, .green = {green}, .green_percent = flip % 2 == 0 ? 100U : 0U});
  }
  const auto result = load.stop();
  expect_no_failure(result);
  EXPECT_GT(result.by_answer.at("blue"), 0U);
  EXPECT_GT(result.by_answer.at("green"), 0U);
}

TEST_F(HaproxySwitchTest, ReplacesInstancesUnderLoadWithoutAFailedRequest) {
  // A rolling deployment as the switch sees it: one of two leaves, a new one comes, many times
  // over.
  auto first = world_->instance("i0");
  auto second = world_->instance("i1");
  assign({.blue = {first, second}});
  HttpLoad load(this->load());
  for (int round = 2; round < 12; ++round) {
    load.await_requests(20);
    auto draining = first;
    draining.state = rollout::EndpointState::draining;
    const auto next = world_->instance("i" + std::to_string(round));
    assign({.blue = {draining, second, next}});
    while (subject().sessions(first.instance).value_or(1) != 0) {
    }
    assign({.blue = {second, next}});
    first = second;
    second = next;
  }
  expect_no_failure(load.stop());
}

TEST_F(HaproxySwitchTest, SwapsTheOnlyInstanceUnderLoadWithoutAFailedRequest) {
  // One assignment says that the one instance leaves and another comes: never neither.
  const auto one = world_->instance("one");
  const auto two = world_->instance("two");
  assign({.blue = {one}});
  HttpLoad load(this->load());
  for (int swap = 0; swap < 10; ++swap) {
    load.await_requests(20);
    assign({.blue = {two}});
    load.await_requests(20);
    assign({.green = {one}, .green_percent = 100});
    load.await_requests(20);
    assign({.blue = {one}});
  }
  expect_no_failure(load.stop());
}

TEST_F(HaproxySwitchTest, OutlivesTheObjectThatStartedIt) {
  const auto one = world_->instance("one");
  assign({.blue = {one}});
  HaproxySwitch later(world_->directory(), world_->spec(), {.http_path = "/"});
  EXPECT_EQ(later.running(), true);
  EXPECT_EQ(later.observe(), (Traffic{.blue = {one}}));
  const auto before = process();
  EXPECT_TRUE(later.ensure_running());
  EXPECT_EQ(process(), before);
}

TEST_F(HaproxySwitchTest, ServesWhatWasAssignedAfterItsOwnDeath) {
  const auto blue = world_->instance("blue");
  const auto green = world_->instance("green");
  const Traffic traffic{.blue = {blue}, .green = {green}, .preview = {blue}, .green_percent = 100};
  assign(traffic);
  const auto dead = process();
  ASSERT_TRUE(host::end_process(dead, SIGKILL, std::chrono::seconds(10)));
  EXPECT_EQ(subject().running(), false);
  EXPECT_FALSE(subject().observe());
  const auto running = subject().ensure_running();
  ASSERT_TRUE(running) << running.error().to_string();
  EXPECT_NE(process(), dead);
  EXPECT_EQ(subject().observe(), traffic);
  EXPECT_EQ(world_->ask_public(), "green");
  EXPECT_EQ(world_->ask_preview(), "blue");
}

TEST_F(HaproxySwitchTest, TakesUpAnAssignmentThatItDidNotHear) {
  // We died between writing down what is wanted and saying it.
  const auto one = world_->instance("one");
  const auto two = world_->instance("two");
  assign({.blue = {one}});
  ASSERT_TRUE(host::end_process(process(), SIGKILL, std::chrono::seconds(10)));
  EXPECT_FALSE(subject().assign({.blue = {two}}));
  ASSERT_TRUE(subject().ensure_running());
  EXPECT_EQ(world_->ask_public(), "two");
}

TEST_F(HaproxySwitchTest, ChangesItsConfigurationUnderLoadWithoutAFailedRequest) {
  const auto one = world_->instance("one");
  const auto two = world_->instance("two");
  const Traffic traffic{.blue = {one}, .green = {two}, .green_percent = 40};
  assign(traffic);
  HttpLoad load(this->load());
  const auto before = process();
  for (int change = 1; change <= 5; ++change) {
    load.await_requests(50);
    model::HealthCheck health;
    health.interval = std::chrono::milliseconds(1000 + change);
    HaproxySwitch changed(world_->directory(), world_->spec(), health);
    const auto taken = changed.ensure_running();
    ASSERT_TRUE(taken) << taken.error().to_string();
    EXPECT_EQ(changed.observe(), traffic);
  }
  load.await_requests(50);
  expect_no_failure(load.stop());
  EXPECT_NE(process(), before);
  EXPECT_TRUE(host::wait_until_gone(before, std::chrono::seconds(40))) << "the old one must end";
}

TEST_F(HaproxySwitchTest, IsFoundAgainWithoutItsIdentityFile) {
  const auto before = process();
  std::filesystem::remove(world_->directory() / "identity");
  EXPECT_EQ(process(), before);
  EXPECT_TRUE(subject().ensure_running());
  EXPECT_EQ(process(), before);
}

TEST_F(HaproxySwitchTest, DoesNotTakeAStrangerForItself) {
  // The pid of a process that lives, but started at another time.
  const auto mine = process();
  ASSERT_TRUE(subject().shut_down());
  auto stranger = *host::identify(::getpid());
  stranger.start_ticks -= 1;
  std::ofstream(world_->directory() / "identity") << stranger.to_text();
  EXPECT_EQ(subject().running(), false);
  EXPECT_TRUE(subject().shut_down()) << "and does not kill it: this test still runs";
  EXPECT_FALSE(host::is_alive(mine));
}

TEST_F(HaproxySwitchTest, SaysWhoHoldsItsPort) {
  support::TemporaryDirectory elsewhere;
  HaproxySwitch second(elsewhere.path() / "switch", world_->spec(), {});
  const auto refused = second.ensure_running();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::conflict);
  const std::string address = world_->spec().listen;
  EXPECT_EQ(refused.error().message(), address + " is taken by haproxy (pid " +
                                           std::to_string(process().pid) +
                                           "), so the traffic switch cannot listen there");
  EXPECT_EQ(refused.error().hint(),
            "stop it, or choose another address for `listen` in the environment's switch");
}

TEST_F(HaproxySwitchTest, KeepsItsSocketToItself) {
  const auto mode = [&](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions();
  };
  EXPECT_EQ(mode(world_->directory()), std::filesystem::perms::owner_all);
  EXPECT_EQ(mode(world_->directory() / kAdminSocket),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(HaproxySwitchTest, WorksFarBelowTheRoot) {
  ASSERT_TRUE(subject().shut_down());
  support::TemporaryDirectory temporary;
  const auto deep = temporary.path() / std::string(100, 'a') / "with spaces \"and quotes\"" /
                    std::string(100, 'b');
  HaproxySwitch far(deep, world_->spec(), {});
  const auto started = far.ensure_running();
  ASSERT_TRUE(started) << started.error().to_string();
  EXPECT_TRUE(far.assign({.blue = {world_->instance("one")}}));
  EXPECT_EQ(world_->ask_public(), "one");
  EXPECT_TRUE(far.shut_down());
}

TEST_F(HaproxySwitchTest, TakesNoMoreThanItHasSlots) {
  Traffic traffic;
  for (int i = 0; i < kSlots; ++i) {
    traffic.blue.push_back({"i" + std::to_string(i), "127.0.0.1",
                            static_cast<std::uint16_t>(1000 + i), rollout::EndpointState::ready});
  }
  assign(traffic);
  EXPECT_EQ(subject().observe(), traffic);
  traffic.blue.push_back({"one-more", "127.0.0.1", 2000, rollout::EndpointState::ready});
  const auto refused = subject().assign(traffic);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::exhausted);
}

TEST_F(HaproxySwitchTest, LeavesADeadInstanceByItself) {
  const auto one = world_->instance("one");
  const auto gone = [] {
    support::HttpBackend backend("gone");
    return backend.port();
  }();
  assign({.blue = {one, {"gone", "127.0.0.1", gone, rollout::EndpointState::ready}}});
  // Whether or not its check has noticed: a refused connection goes to the other instance.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world_->ask_public(), "one");
}

}  // namespace
}  // namespace pipeline::deploy::haproxy
