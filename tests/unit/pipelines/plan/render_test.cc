#include "pipelines/plan/render.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "tests/support/golden.h"
#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

using support::matches_golden;

constexpr std::string_view kShop = R"(
name = "shop"
toggles = "toggles.json"
[params]
channel = { choices = ["stable", "nightly"], default = "stable" }
[[stage]]
name = "build"
run = ["cmake -S . -B build", "cmake --build build"]
inputs = ["CMakeLists.txt", "src/**"]
outputs = ["build/"]
[[stage]]
name = "unit"
kind = "unit"
reports = "none"
run = "ctest"
[[stage]]
name = "lint"
needs = []
run = "clang-tidy"
allow_failure = true
[[stage]]
name = "integration-with-a-long-name-indeed"
kind = "integration"
reports = "none"
needs = ["build", "lint?"]
run = "tests/integration.sh"
secrets = ["NPM_TOKEN"]
when = { event = ["manual", "push"], param = { channel = "stable" }, not = { branch = "wip/*" } }
sandbox = { network = "host", memory = "512MiB", cpus = 1.5, processes = 64, disk = "1GiB", output = "1MiB", readable = ["/opt/sdk"] }
[[stage]]
name = "package"
needs = ["unit", "integration-with-a-long-name-indeed"]
run = "scripts/package.sh"
artifacts = [{ name = "shop", paths = ["dist/**"] }]
[[stage]]
name = "acceptance"
kind = "acceptance"
reports = "none"
uses = ["shop"]
run = "tests/acceptance.sh"
[[stage]]
name = "staging"
kind = "deploy"
environment = "staging"
artifact = "shop"
when = { branch = ["main", "release/*"] }
[[stage]]
name = "production"
kind = "deploy"
environment = "production"
artifact = "shop"
promote_from = "staging"
strategy = { kind = "rolling", batch = "25%", bake = "1m" }
[[stage]]
name = "tell"
needs = ["production"]
when = { status = "failure" }
run = "mail"
[[stage]]
name = "clean-up"
needs = ["staging"]
when = { status = "always" }
run = "true"
[environment.staging]
start = "bin/shop"
ports = "8001-8002"
switch = { listen = "127.0.0.1:8080", preview = "127.0.0.1:8081" }
[environment.production]
start = "bin/shop"
instances = 4
ports = "8101-8132"
switch = { listen = "127.0.0.1:8090", preview = "127.0.0.1:8091" }
gate = [{ kind = "toggle", off = ["new-checkout", "dark"] }, { kind = "smoke", run = "tests/smoke.sh" }]
)";

Facts on_branch(const std::string& branch) {
  Facts facts;
  facts.branch = branch;
  facts.commit = "0123456789abcdef0123456789abcdef01234567";
  facts.tree = "89abcdef0123456789abcdef0123456789abcdef";
  facts.dirty = true;
  return facts;
}

TEST(RenderPlan, ShowsWhatWouldRunAndWhy) {
  EXPECT_TRUE(
      matches_golden("plan/main.txt", render_plan(plan_for_test(kShop, on_branch("main")))));
}

TEST(RenderPlan, ShowsWhatWouldBeSkippedAndWhy) {
  EXPECT_TRUE(
      matches_golden("plan/topic.txt", render_plan(plan_for_test(kShop, on_branch("topic")))));
}

TEST(RenderPlan, SaysWhereEachSecretWouldComeFrom) {
  const Plan plan = plan_for_test(R"(name = "p"
[[stage]]
name = "s"
run = "true"
secrets = ["A", "B", "C", "D", "E", "F", "UNSEEN"]
)");
  const SecretOrigins origins = {{"A", SecretOrigin::env_file}, {"B", SecretOrigin::environment},
                                 {"C", SecretOrigin::command},  {"D", SecretOrigin::repository},
                                 {"E", SecretOrigin::global},   {"F", SecretOrigin::missing}};
  EXPECT_TRUE(matches_golden("plan/secrets.txt", render_plan(plan, {origins, {}})));
  EXPECT_TRUE(matches_golden("plan/secrets.json", plan_json(plan, {origins, {}})));
}

TEST(RenderPlan, NeedsNeitherABranchNorACommit) {
  EXPECT_TRUE(matches_golden(
      "plan/bare.txt", render_plan(plan_for_test("name = \"p\"\n[[stage]]\nname = \"s\"\nrun = "
                                                 "\"true\"\n"))));
}

TEST(RenderGraph, ShowsLevels) {
  EXPECT_TRUE(matches_golden("plan/graph.txt", render_graph(read_for_test(kShop))));
}

TEST(RenderGraph, IsGraphviz) {
  EXPECT_TRUE(matches_golden("plan/graph.dot", render_dot(read_for_test(kShop))));
}

TEST(PlanJson, SaysTheSameAsTheText) {
  const std::string text = plan_json(plan_for_test(kShop, on_branch("topic")));
  EXPECT_TRUE(matches_golden("plan/topic.json", text));
  const boost::json::value parsed = boost::json::parse(text);
  const auto& jobs = parsed.at("jobs").as_array();
  EXPECT_EQ(jobs.at(6).at("would"), "skip");
  EXPECT_EQ(jobs.at(7).at("reason"), "it needs staging, which is skipped");
}

TEST(GraphJson, HasLevelsAndNeeds) {
  const std::string text = graph_json(read_for_test(kShop));
  EXPECT_TRUE(matches_golden("plan/graph.json", text));
  EXPECT_EQ(boost::json::parse(text).at("stages").as_array().size(), 10U);
}

// Nothing that a person has to scroll sideways for, whatever the names.
TEST(RenderPlan, FitsATerminal) {
  for (const std::string& text :
       {render_plan(plan_for_test(kShop, on_branch("main"))), render_graph(read_for_test(kShop))}) {
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         start = end + 1, end = text.find('\n', start)) {
      EXPECT_LE(end - start, 80U) << text.substr(start, end - start);
    }
  }
}

constexpr std::string_view kServices = R"(
name = "p"
[params]
database = { choices = ["postgres", "sqlite"], default = "sqlite" }
[[stage]]
name = "integration"
run = "ctest"
[[stage.service]]
name = "postgres"
run = "exec postgres -D data -k /tmp"
ready = { command = "pg_isready -h /tmp", timeout = "20s" }
when = { param = { database = "postgres" } }
[[stage.service]]
name = "redis"
run = "exec redis-server"
env = { A = "1" }
ready = { tcp = 6379 }
[[stage.service]]
name = "six"
run = "exec six"
ready = { tcp = "[::1]:6" }
[[stage.service]]
name = "web"
run = "exec web"
ready = { http = "http://127.0.0.1:8080/health?full" }
[[stage.service]]
name = "sidecar"
run = "exec sidecar"
)";

TEST(Render, ShowsTheServicesOfAJob) {
  const Plan plan = plan_for_test(kServices);
  EXPECT_TRUE(matches_golden("plan/services.txt", render_plan(plan)));
  EXPECT_TRUE(matches_golden("plan/services.json", plan_json(plan)));
  ASSERT_EQ(plan.services_of(plan.jobs[0]).size(), 4U);
  EXPECT_EQ(plan.services_of(plan.jobs[0])[0]->name, "redis");
  Facts facts;
  facts.params = {{"database", "postgres"}};
  const Plan with_all = plan_for_test(kServices, facts);
  EXPECT_EQ(with_all.services_of(with_all.jobs[0]).size(), 5U);
}

TEST(Render, LooksAtTheMatrixForTheServicesOfAJob) {
  const Plan plan = plan_for_test(R"(
name = "p"
[[stage]]
name = "integration"
run = "ctest"
matrix = { database = ["postgres", "sqlite"] }
[[stage.service]]
name = "postgres"
run = "exec postgres"
when = { matrix = { database = "postgres" } }
)");
  ASSERT_EQ(plan.jobs.size(), 2U);
  EXPECT_EQ(plan.services_of(plan.jobs[0]).size(), 1U);
  EXPECT_EQ(plan.services_of(plan.jobs[1]).size(), 0U);
  EXPECT_TRUE(matches_golden("plan/services_matrix.txt", render_plan(plan)));
}

}  // namespace
}  // namespace pipeline::plan
