#include "pipelines/config/reader.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "tests/unit/pipelines/config/shop.h"

namespace pipeline::config {
namespace {

using namespace std::chrono_literals;
using model::CommandWork;
using model::DeployWork;

model::Pipeline read(std::string_view text) {
  ReadResult result = read_pipeline(text);
  EXPECT_TRUE(result.pipeline.has_value())
      << render(result.diagnostics, {{"pipeline.toml", text}}, Color::no);
  return result.pipeline.value_or(model::Pipeline{});
}

TEST(Reader, ReadsTheStagesOfTheExample) {
  const model::Pipeline shop = read(kShop);
  EXPECT_EQ(shop.name, "shop");
  ASSERT_EQ(shop.stages.size(), 8U);

  const model::Stage& build = shop.stages[0];
  EXPECT_EQ(build.kind, model::StageKind::command);
  EXPECT_EQ(build.timeout, 15min);
  EXPECT_FALSE(build.needs.has_value());
  const auto& work = std::get<CommandWork>(build.work);
  EXPECT_EQ(work.run.size(), 2U);
  EXPECT_EQ(work.shell, (std::vector<std::string>{"/bin/sh", "-eu"}));
  EXPECT_EQ(work.env.at("CCACHE_DIR"), ".ccache");
  EXPECT_EQ(work.outputs, std::vector<std::string>{"build"});

  EXPECT_EQ(shop.stages[1].kind, model::StageKind::unit);
  EXPECT_TRUE(shop.stages[2].allow_failure);
  EXPECT_TRUE(shop.stages[2].needs.value().empty());
  EXPECT_EQ(shop.stages[4].needs.value().at(1).stage, "integration");
  EXPECT_EQ(std::get<CommandWork>(shop.stages[5].work).uses, std::vector<std::string>{"shop"});
  EXPECT_EQ(shop.stages[6].when.value().branch, std::vector<std::string>{"main"});

  const auto& production = std::get<DeployWork>(shop.stages[7].work);
  EXPECT_EQ(production.environment, "production");
  EXPECT_EQ(production.artifact, "shop");
  EXPECT_EQ(production.promote_from, "staging");
}

TEST(Reader, ReadsWhoIsTold) {
  const model::Pipeline shop = read(R"(name = "shop"
[[stage]]
name = "unit"
run = "true"
[[notify]]
slack = "TEAM_SLACK"
[[notify]]
on = ["started", "approval", "success", "cancelled", "broken"]
branches = ["main", "release/*"]
mail = ["team@example.org", "o'hara+ci@sub.example.org"]
webhook = { url = "CI_HOOK", key = "CI_KEY" }
cdevents = "CI_EVENTS"
)");
  ASSERT_EQ(shop.notify.size(), 2U);
  EXPECT_EQ(shop.notify[0], (model::NotifyRule{.slack = "TEAM_SLACK"}));
  using model::Occasion;
  const model::NotifyRule second{.on = {Occasion::started, Occasion::approval, Occasion::success,
                                        Occasion::cancelled, Occasion::broken},
                                 .branches = {"main", "release/*"},
                                 .mail = {"team@example.org", "o'hara+ci@sub.example.org"},
                                 .webhook = model::WebhookReceiver{"CI_HOOK", "CI_KEY"},
                                 .cdevents = "CI_EVENTS"};
  EXPECT_EQ(shop.notify[1], second);
}

TEST(Reader, ReadsTheEnvironmentsOfTheExample) {
  const model::Pipeline shop = read(kShop);
  ASSERT_EQ(shop.environments.size(), 2U);
  EXPECT_EQ(shop.environments[0].name, "staging");
  EXPECT_EQ(shop.environments[0].strategy.kind, model::StrategyKind::blue_green);
  EXPECT_FALSE(shop.environments[0].health.http_path.has_value());

  EXPECT_TRUE(shop.environments[0].agent.labels.empty());
  const model::Environment& production = shop.environments[1];
  EXPECT_EQ(production.agent.labels, std::vector<std::string>{"production"});
  EXPECT_EQ(production.instances, 4U);
  EXPECT_EQ(production.ports.first, 8101);
  EXPECT_EQ(production.ports.last, 8132);
  EXPECT_EQ(production.health.http_path, "/healthz");
  EXPECT_EQ(production.health.interval, 500ms);
  EXPECT_EQ(production.stop.signal, 15);
  EXPECT_EQ(production.retain.warm, 10min);
  EXPECT_EQ(production.traffic.preview, "127.0.0.1:8091");
  EXPECT_EQ(production.toggles, "toggles/production.json");
  EXPECT_EQ(production.strategy.kind, model::StrategyKind::rolling);
  EXPECT_EQ(production.strategy.batch, 25U);
  EXPECT_TRUE(production.strategy.batch_is_percent);
  ASSERT_EQ(production.gates.size(), 2U);
  EXPECT_EQ(std::get<model::ToggleGate>(production.gates[0].gate).off.at(0), "new-checkout");
  EXPECT_EQ(std::get<model::SmokeGate>(production.gates[1].gate).timeout, 2min);
}

TEST(Reader, ReadsParametersInFileOrder) {
  const model::Pipeline pipeline = read(R"(
    name = "p"
    [params]
    zone = { choices = ["b", "a"] }
    level = { type = "integer", default = 3 }
    fast = { type = "boolean", default = false }
    [[stage]]
    name = "s"
    run = "true"
    when = { param = { zone = "a", fast = true } })");
  ASSERT_EQ(pipeline.params.size(), 3U);
  EXPECT_EQ(pipeline.params[0].name, "zone");
  EXPECT_FALSE(pipeline.params[0].default_value.has_value());
  EXPECT_EQ(pipeline.params[1].default_value, "3");
  EXPECT_EQ(pipeline.params[2].default_value, "false");
  EXPECT_EQ(pipeline.stages[0].when.value().param.at("fast"), std::vector<std::string>{"true"});
}

TEST(Reader, LaysTheStageOverTheDefaults) {
  const model::Pipeline pipeline = read(R"(
    name = "p"
    [[stage]]
    name = "s"
    run = "true"
    env = { B = "stage" }
    sandbox = { cpus = 2 }
    [defaults]
    shell = ["/bin/bash", "-e"]
    env = { A = "default", B = "default" }
    sandbox = { memory = "1GiB", cpus = 0.5 })");
  const auto& work = std::get<CommandWork>(pipeline.stages[0].work);
  EXPECT_EQ(work.shell.front(), "/bin/bash");
  EXPECT_EQ(work.env.at("A"), "default");
  EXPECT_EQ(work.env.at("B"), "stage");
  EXPECT_EQ(work.sandbox.memory, std::uint64_t{1} << 30U);
  EXPECT_DOUBLE_EQ(work.sandbox.cpus, 2);
}

TEST(Reader, TakesTheTopLevelTogglesForEnvironmentsWithoutTheirOwn) {
  const model::Pipeline pipeline = read(R"(
    name = "p"
    toggles = "toggles.json"
    [[stage]]
    name = "s"
    run = "true"
    [environment.a]
    start = "x"
    ports = "8001-8002"
    switch = { listen = "127.0.0.1:80", preview = "127.0.0.1:81" }
    [environment.b]
    start = "x"
    ports = "8001-8002"
    toggles = "b.json"
    switch = { listen = "[::1]:82", preview = "localhost:83" })");
  EXPECT_EQ(pipeline.environments.at(0).toggles, "toggles.json");
  EXPECT_EQ(pipeline.environments.at(1).toggles, "b.json");
}

TEST(Reader, UnderstandsOptionalNeedsAndNegations) {
  const model::Pipeline pipeline = read(R"(
    name = "p"
    [[stage]]
    name = "lint"
    run = "true"
    [[stage]]
    name = "s"
    run = "true"
    needs = ["lint?"]
    when = { status = "always", not = [{ branch = "main" }, { tag = ["v*"] }] })");
  const model::Stage& stage = pipeline.stages.at(1);
  EXPECT_EQ(stage.needs.value().at(0).stage, "lint");
  EXPECT_TRUE(stage.needs.value().at(0).optional);
  EXPECT_EQ(stage.when.value().status, model::NeedsStatus::always);
  ASSERT_EQ(stage.when.value().negated.size(), 2U);
  EXPECT_EQ(stage.when.value().negated[1].tag, std::vector<std::string>{"v*"});
}

TEST(Reader, SkipsAByteOrderMark) {
  read(
      "\xEF\xBB\xBF"
      "name = \"p\"\n[[stage]]\nname = \"s\"\nrun = \"true\"\n");
}

TEST(Reader, CountsColumnsInBytes) {
  const ReadResult result = read_pipeline("name = \"p\"\nx = { \"schön\" = 1, y = 2 }\n");
  ASSERT_FALSE(result.pipeline.has_value());
  const ReadResult inner = read_pipeline(
      "name = \"p\"\n[[stage]]\nname = \"s\"\nrun = \"true\"\nenv = { A = \"schön\", Z = [] }\n");
  ASSERT_EQ(inner.diagnostics.size(), 1U);
  EXPECT_EQ(inner.diagnostics[0].span, (base::SourceSpan{5, 27, 2}));
}

TEST(Reader, ReadsServices) {
  const model::Pipeline pipeline = read(R"(name = "p"
[[stage]]
name = "integration"
run = "ctest"
[[stage.service]]
name = "postgres"
run = "exec postgres"
env = { PGDATA = "data" }
ready = { command = "pg_isready", interval = "1s", timeout = "20s" }
when = { branch = "main" }
[[stage.service]]
name = "redis"
run = "exec redis-server"
ready = { tcp = 6379 }
[[stage.service]]
name = "plain"
run = "exec plain"
)");
  const auto& services = std::get<CommandWork>(pipeline.stages[0].work).services;
  ASSERT_EQ(services.size(), 3U);
  EXPECT_EQ(services[0].name, "postgres");
  EXPECT_EQ(services[0].run, "exec postgres");
  EXPECT_EQ(services[0].env.at("PGDATA"), "data");
  EXPECT_EQ(services[0].ready, (model::ReadySpec{"pg_isready", {}, 1s, 20s}));
  EXPECT_EQ(services[0].when.value().branch, std::vector<std::string>{"main"});
  EXPECT_EQ(services[1].ready, (model::ReadySpec{"", {{"", 6379, {}}}, 200ms, 30s}));
  EXPECT_EQ(services[2].ready, std::nullopt);
}

}  // namespace
}  // namespace pipeline::config
