#include "runner/engine/job_order.h"

#include <gmock/gmock.h>

#include "runner/trace/trace_context.h"
#include "tests/support/plans.h"
#include "tests/unit/runner/engine/engine_fixture.h"

namespace pipeline::engine {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

class JobOrderTest : public testing::Test {
 protected:
  JobOrderTest() {
    support::JobSketch package{"package"};
    package.work.outputs = {"dist"};
    support::JobSketch test{"test", {"package"}};
    test.work.run = {"make test"};
    test.work.secrets = {"TOKEN"};
    support::JobSketch ship{"ship", {"test"}};
    ship.deploy = model::DeployWork{"production", "shop", "staging", std::nullopt};
    plan_ = support::make_test_plan({package, test, ship});
    plan_.jobs[1].env = {{"CI", "true"}};
    plan_.jobs[1].artifact_makers = {{"shop", 0}};
    plan_.jobs[2].artifact_makers = {{"shop", 0}};
    model::Environment production;
    production.name = "production";
    production.instances = 4;
    plan_.pipeline.environments.push_back(production);
    spec_.repository = "/srv/shop";
    spec_.facts.tree = "beef";
    spec_.keep = true;
    state_ = run::initial_state(plan_);
    state_.jobs[0].status = run::JobStatus::succeeded;
    state_.jobs[0].outputs = digest(1);
    state_.jobs[0].artifacts = {{"shop", digest(2), 10}};
    state_.jobs[1].attempt = 3;
  }

  base::Result<protocol::JobOrder> order(std::size_t job) {
    PIPELINE_ASSIGN(const JobInputs inputs, inputs_of(plan_, state_, job));
    return make_job_order({41, spec_, plan_, state_, secrets_}, job, inputs, "/logs");
  }

  plan::Plan plan_;
  run::RunSpec spec_;
  run::RunState state_;
  std::map<std::string, std::string> secrets_ = {{"TOKEN", "hunter2"}, {"OTHER", "unasked"}};
};

TEST_F(JobOrderTest, AStageWhoseResultsAreKeptIsNumberedOnlyWhenItAsks) {
  auto& work = std::get<model::CommandWork>(plan_.pipeline.stages[plan_.jobs[1].stage].work);
  work.inputs = {"src/**"};
  EXPECT_THAT(std::get<protocol::CommandOrder>(order(1)->work).env,
              UnorderedElementsAre(Pair("CI", "true")));
  work.run = {"echo $PIPELINE_RUN"};
  EXPECT_THAT(std::get<protocol::CommandOrder>(order(1)->work).env,
              UnorderedElementsAre(Pair("CI", "true"), Pair("PIPELINE_RUN", "41")));
}

TEST_F(JobOrderTest, ACommandGetsAllThatItWouldHaveToAskBackFor) {
  const auto made = order(1);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->run, 41U);
  EXPECT_EQ(made->pipeline, "test");
  EXPECT_EQ(made->job, "test");
  EXPECT_EQ(made->attempt, 3U);
  EXPECT_EQ(made->repository, "/srv/shop");
  EXPECT_EQ(made->tree, "beef");
  EXPECT_EQ(made->timeout, std::chrono::minutes(15));
  EXPECT_TRUE(made->keep);
  EXPECT_EQ(made->log_directory, "/logs");
  const auto& command = std::get<protocol::CommandOrder>(made->work);
  EXPECT_THAT(command.work.run, ElementsAre("make test"));
  EXPECT_THAT(command.env, UnorderedElementsAre(Pair("CI", "true"), Pair("PIPELINE_RUN", "41"),
                                                Pair("PIPELINE_ATTEMPT", "3")));
  EXPECT_THAT(command.secrets, ElementsAre(Pair("TOKEN", "hunter2")));
  EXPECT_THAT(command.layers, ElementsAre(digest(1)));
  ASSERT_EQ(command.uses.size(), 1U);
  EXPECT_EQ(command.uses[0].digest, digest(2));
}

TEST_F(JobOrderTest, ACommandKnowsWhereItStandsInItsTrace) {
  state_.created_at = base::TimePoint(std::chrono::hours(1));
  const trace::TraceContext context(41, spec_, *state_.created_at);
  EXPECT_THAT(std::get<protocol::CommandOrder>(order(1)->work).env,
              testing::Contains(Pair("TRACEPARENT", context.traceparent("test", 3))));
  plan_.jobs[1].env["TRACEPARENT"] = "its own";
  EXPECT_THAT(std::get<protocol::CommandOrder>(order(1)->work).env,
              testing::Contains(Pair("TRACEPARENT", "its own")));
}

TEST_F(JobOrderTest, ACommandGetsTheServicesThatItsJobHas) {
  auto& work = std::get<model::CommandWork>(plan_.pipeline.stages[plan_.jobs[1].stage].work);
  work.services.resize(3);
  work.services[0].name = "postgres";
  work.services[1].name = "mysql";
  work.services[2].name = "redis";
  plan_.jobs[1].service_skips = {std::nullopt, "parameter database is not \"mysql\"", std::nullopt};
  const auto made = order(1);
  ASSERT_TRUE(made) << made.error().to_string();
  const auto& services = std::get<protocol::CommandOrder>(made->work).work.services;
  ASSERT_EQ(services.size(), 2U);
  EXPECT_EQ(services[0].name, "postgres");
  EXPECT_EQ(services[1].name, "redis");
}

TEST_F(JobOrderTest, ADeploymentGetsItsEnvironmentAndDigest) {
  const auto made = order(2);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->kind, model::StageKind::deploy);
  const auto& deploy = std::get<protocol::DeployOrder>(made->work);
  EXPECT_EQ(deploy.environment.instances, 4U);
  EXPECT_EQ(deploy.artifact.digest, digest(2));
  EXPECT_EQ(deploy.promote_from, "staging");
}

TEST_F(JobOrderTest, AnUntrustedRunHasNoSecretsDeploysNothingAndKeepsApart) {
  auto& stage = plan_.pipeline.stages[plan_.jobs[1].stage];
  stage.lock = "db";
  EXPECT_EQ(order(1)->lock, "db");
  spec_.facts.untrusted = true;
  for (const std::size_t job : {1U, 2U})
    EXPECT_EQ(order(job).error().kind(), base::ErrorKind::permission);
  std::get<model::CommandWork>(stage.work).secrets.clear();
  const auto made = order(1);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_FALSE(std::get<protocol::CommandOrder>(made->work).trusted);
  EXPECT_EQ(made->lock, "_untrusted.db") << "nobody waits for a stranger's job";
}

TEST_F(JobOrderTest, AStagesOwnStrategyReplacesTheEnvironments) {
  auto& work = std::get<model::DeployWork>(plan_.pipeline.stages[2].work);
  work.strategy.emplace().kind = model::StrategyKind::rolling;
  const auto made = order(2);
  ASSERT_TRUE(made);
  EXPECT_EQ(std::get<protocol::DeployOrder>(made->work).environment.strategy.kind,
            model::StrategyKind::rolling);
}

TEST_F(JobOrderTest, AnArtifactThatWasNotMadeIsNamedWithItsMaker) {
  state_.jobs[0].status = run::JobStatus::failed;
  state_.jobs[0].artifacts.clear();
  const auto made = order(1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().to_string(), "the artifact shop was not made: package failed");
}

TEST_F(JobOrderTest, AMissingSecretOrEnvironmentIsNamed) {
  secrets_.clear();
  EXPECT_EQ(order(1).error().to_string(), "the secret TOKEN was not given");
  plan_.pipeline.environments.clear();
  EXPECT_EQ(order(2).error().to_string(), "there is no environment production");
}

}  // namespace
}  // namespace pipeline::engine
