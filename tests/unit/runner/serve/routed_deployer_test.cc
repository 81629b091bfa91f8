// An agent that is played by the test, and whoever asks for a deployment on a thread of his own.
#include "runner/serve/routed_deployer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "agents/protocol/agent_messages_json.h"
#include "pipelines/run/event_json.h"
#include "tests/support/deploy/scene.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::serve {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;
using deploy::Verdict;
using protocol::DeployAction;
using protocol::DeployOrder;
using support::Scene;
using testing::ElementsAre;

class RoutedDeployerTest : public testing::Test {
 protected:
  RoutedDeployerTest() {
    scene_.machine = "prod-1";
    EXPECT_TRUE(scene_.deploy(scene_.request(1, environment_)));
    EXPECT_TRUE(scene_.deploy(scene_.request(2, environment_)));
    scene_.machine = "";
    desk_.welcome("prod-1", {});
  }

  // The call, as a person would make it.
  template <class Call>
  auto call(const Call& call) {
    return std::async(std::launch::async, [this, call] {
      return scene_.with_driver([&](deploy::Driver& here) {
        support::MemoryJournal journal(scene_.disk);
        RoutedDeployer routed(
            {.here = here,
             .journal = journal,
             .desk = desk_,
             .publish = [](const protocol::JobOrder& order) -> Result<std::string> {
               return "/trees/" + order.tree;
             },
             .paths = paths_,
             .clock = clock_});
        return call(routed);
      });
    });
  }
  auto roll_back(std::optional<std::uint64_t> release = std::nullopt) {
    return call([this, release](RoutedDeployer& routed) {
      return routed.roll_back({.key = scene_.key, .release = release}, scene_.observer(),
                              stop_.get_token());
    });
  }
  // What the agent is given; it is there to take it.
  const DeployOrder& take() {
    std::promise<protocol::Grant> promise;
    desk_.ask("prod-1", [&](protocol::Grant granted) { promise.set_value(std::move(granted)); });
    grant_ = promise.get_future().get();
    EXPECT_TRUE(desk_.renew("prod-1", {word()}).empty());
    return std::get<DeployOrder>(grant_.order.work);
  }
  link::AttemptWord word() const {
    return {{grant_.order.run, grant_.order.job, grant_.order.attempt}, grant_.fence};
  }
  void bring(const std::string& file, const std::string& text) {
    EXPECT_TRUE(desk_.append("prod-1", word(), file, 0, text));
  }
  void end(const protocol::DeploymentTold& told) {
    bring(protocol::kDeploymentFile, to_json(told));
    const auto line = [this](run::EventBody body) {
      return run::to_json({1, clock_.now(), std::move(body)}) + "\n";
    };
    const std::string& job = grant_.order.job;
    bring("events.jsonl",
          line(run::DeploymentAdvanced{job, 1, "production", "shifting", "batch 1"}) +
              line(run::JobFinished{.job = job, .attempt = 1, .reason = ""}));
  }
  fs::path orders() const { return paths_.environment("shop", "production") / "orders"; }

  const model::Environment environment_ =
      support::fake_environment(model::StrategyKind::blue_green, 1);
  support::TemporaryDirectory directory_;
  const store::Paths paths_{directory_.path()};
  support::ManualClock clock_;
  link::AgentDesk desk_{clock_, std::chrono::seconds(45)};
  Scene scene_;
  std::stop_source stop_;
  protocol::Grant grant_;
};

TEST_F(RoutedDeployerTest, TheAgentThatHasTheEnvironmentDoesIt) {
  scene_.told.clear();
  auto asked = roll_back();
  const DeployOrder& work = take();
  EXPECT_EQ(work.action, DeployAction::roll_back);
  EXPECT_EQ(work.machine, "prod-1");
  EXPECT_EQ(work.artifact.digest, support::fake_digest(1)) << "what shall serve again";
  EXPECT_EQ(grant_.trees, "/trees/tree");
  end({.verdict = "rolled-back",
       .release = 1,
       .is_its_fault = true,
       .reason = "the gate said no",
       .hint = "look"});
  const auto result = asked.get();
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::rolled_back);
  EXPECT_EQ(result->release, 1U);
  EXPECT_EQ(result->blame, rollout::Blame::release);
  EXPECT_EQ(result->reason, "the gate said no");
  EXPECT_EQ(result->hint, "look");
  EXPECT_THAT(scene_.told, ElementsAre("shifting: batch 1"));
  EXPECT_TRUE(fs::is_empty(orders()));
}

TEST_F(RoutedDeployerTest, WhatItRefusesComesBackAsItWas) {
  auto asked = roll_back(9);
  EXPECT_EQ(take().release, 9U);
  end({.error = "invalid", .reason = "release 9 is not kept", .hint = "releases that are kept: 2"});
  const auto result = asked.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::invalid);
  EXPECT_EQ(result.error().to_string(), "release 9 is not kept");
  EXPECT_EQ(result.error().hint(), "releases that are kept: 2");
}

TEST_F(RoutedDeployerTest, NobodyElseIsGivenIt) {
  desk_.welcome("prod-2", {});
  bool is_given = false;
  desk_.ask("prod-2", [&](const protocol::Grant&) { is_given = true; });
  auto asked = call(
      [this](RoutedDeployer& routed) { return routed.shut_down(scene_.key, scene_.observer()); });
  EXPECT_EQ(take().action, DeployAction::shut_down);
  EXPECT_FALSE(is_given);
  end({.verdict = "unchanged"});
  EXPECT_TRUE(asked.get());
}

TEST_F(RoutedDeployerTest, AnAgentTellsHowItsInstancesAre) {
  auto asked = call([this](RoutedDeployer& routed) { return routed.examine(scene_.key); });
  const DeployOrder& work = take();
  EXPECT_EQ(work.action, DeployAction::look);
  EXPECT_EQ(grant_.trees, "") << "nothing of it is needed";
  end({.verdict = "unchanged",
       .release = 2,
       .instances = {{.name = "r2-1", .release = 2, .address = "127.0.0.1:1", .pid = 7}}});
  const auto status = asked.get();
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(status->not_looked_at, "");
  ASSERT_EQ(status->instances.size(), 1U);
  EXPECT_TRUE(status->instances[0].is_looked_at);
  EXPECT_FALSE(status->instances[0].healthy);
  EXPECT_EQ(status->instances[0].pid, 7);
  EXPECT_TRUE(fs::is_empty(orders()));
}

TEST_F(RoutedDeployerTest, WhatNobodyCanLookAtIsToldAsItIsWrittenDown) {
  desk_.farewell("prod-1");
  const auto status =
      call([this](RoutedDeployer& routed) { return routed.examine(scene_.key); }).get();
  ASSERT_TRUE(status) << status.error().to_string();
  EXPECT_EQ(status->not_looked_at, "there is no agent prod-1");
  ASSERT_FALSE(status->instances.empty());
  EXPECT_FALSE(status->instances[0].is_looked_at);
  EXPECT_TRUE(fs::is_empty(orders()));
  EXPECT_EQ(desk_.counts().offered, 0U);
}

TEST_F(RoutedDeployerTest, AnAgentThatIsLostLeavesItUndone) {
  auto asked = roll_back();
  take();
  clock_.advance(std::chrono::seconds(45));
  desk_.advance();
  const auto result = asked.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::unavailable);
  EXPECT_THAT(result.error().to_string(), testing::StartsWith("agent lost: prod-1"));
}

TEST_F(RoutedDeployerTest, NobodyWaitsForAnAgentAfterTheServer) {
  auto asked = roll_back();
  take();
  desk_.close();
  EXPECT_EQ(asked.get().error().kind(), ErrorKind::unavailable);
  // The next one hears the order to its end.
  link::AgentDesk next(clock_, std::chrono::seconds(45));
  support::MemoryJournal journal(scene_.disk);
  const auto sinks = take_up_orders(next, journal, paths_);
  ASSERT_TRUE(sinks) << sinks.error().to_string();
  EXPECT_EQ(sinks->size(), 1U);
  EXPECT_TRUE(next.place_of("prod-1", word()));
  clock_.advance(std::chrono::seconds(45));
  next.advance();
  EXPECT_TRUE(fs::is_empty(orders()));
}

TEST_F(RoutedDeployerTest, AnOrderThatNobodyTookIsOverWithItsServer) {
  auto asked = roll_back();
  while (!fs::exists(orders()) || fs::is_empty(orders())) std::this_thread::yield();
  desk_.close();
  EXPECT_FALSE(asked.get());
  link::AgentDesk next(clock_, std::chrono::seconds(45));
  support::MemoryJournal journal(scene_.disk);
  EXPECT_TRUE(take_up_orders(next, journal, paths_)->empty());
  EXPECT_TRUE(fs::is_empty(orders()));
}

TEST_F(RoutedDeployerTest, WhatIsHereIsDoneHere) {
  scene_.machine = "prod-1";
  ASSERT_TRUE(scene_.with_driver(
      [&](deploy::Driver& there) { return there.shut_down(scene_.key, scene_.observer()); }));
  scene_.machine = "";
  auto asked = call([this](RoutedDeployer& routed) {
    return routed.deploy(scene_.request(3, environment_), scene_.observer(), stop_.get_token());
  });
  const auto result = asked.get();
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->verdict, Verdict::promoted);
  EXPECT_EQ(scene_.record().find(3)->machine, "");
}

}  // namespace
}  // namespace pipeline::serve
