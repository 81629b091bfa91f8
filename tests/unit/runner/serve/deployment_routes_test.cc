#include "runner/serve/deployment_routes.h"

#include <gtest/gtest.h>

#include "tests/support/deploy/scene.h"

namespace pipeline::serve {
namespace {

using support::Scene;

class DeploymentRoutes : public testing::Test {
 protected:
  DeploymentRoutes() { order_.pipeline = "shop"; }

  // As long as the scene's environment is on that machine.
  void serve_on(const std::string& machine) {
    scene_.machine = machine;
    ASSERT_TRUE(scene_.deploy(
        scene_.request(1, support::fake_environment(model::StrategyKind::blue_green, 1))));
  }
  bool is_theirs(std::vector<std::string> labels) {
    protocol::DeployOrder work{.environment = {}, .artifact = {}, .promote_from = {}};
    work.environment.name = "production";
    work.environment.agent.labels = std::move(labels);
    order_.repository = "/srv/shop";
    order_.work = work;
    support::MemoryJournal journal(scene_.disk);
    return route_deployment(journal, order_).value();
  }
  const protocol::DeployOrder& work() const { return std::get<protocol::DeployOrder>(order_.work); }

  Scene scene_;
  protocol::JobOrder order_;
};

TEST_F(DeploymentRoutes, WithoutLabelsItIsTheServers) {
  EXPECT_FALSE(is_theirs({}));
  serve_on("prod-1");
  EXPECT_FALSE(is_theirs({})) << "its driver refuses it then";
}

TEST_F(DeploymentRoutes, TheFirstIsAnyAgentsThatHasTheLabels) {
  EXPECT_TRUE(is_theirs({"production"}));
  EXPECT_FALSE(work().machine);
  EXPECT_EQ(work().repository, "/srv/shop");
}

TEST_F(DeploymentRoutes, LaterOnesAreThatAgentsAlone) {
  serve_on("prod-1");
  EXPECT_TRUE(is_theirs({"production"}));
  EXPECT_EQ(work().machine, "prod-1");
}

TEST_F(DeploymentRoutes, WhatServesOnTheServersMachineIsLeftToTheDriverToRefuse) {
  serve_on("");
  EXPECT_TRUE(is_theirs({"production"}));
  EXPECT_FALSE(work().machine);
}

}  // namespace
}  // namespace pipeline::serve
