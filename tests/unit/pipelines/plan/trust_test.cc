#include "pipelines/plan/trust.h"

#include <gtest/gtest.h>

#include "pipelines/plan/run_values.h"
#include "tests/unit/pipelines/plan/read_for_test.h"

namespace pipeline::plan {
namespace {

constexpr std::string_view kShop = R"(
name = "shop"
concurrency = { group = "main" }
[environment.production]
target = "process"
start = "app"
ports = "8001-8002"
switch = { listen = "127.0.0.1:8080", preview = "127.0.0.1:8081" }
[[stage]]
name = "build"
run = "make"
artifacts = [{ name = "shop", paths = "out/**" }]
[[stage]]
name = "publish"
needs = []
run = "publish"
secrets = ["TOKEN"]
[[stage]]
name = "look"
needs = []
run = "cat /srv/key"
sandbox = { readable = ["/srv/key"] }
[[stage]]
name = "call"
needs = []
run = "curl http://10.0.0.1/"
sandbox = { network = "host" }
[[stage]]
name = "ship"
kind = "deploy"
needs = ["build"]
environment = "production"
artifact = "shop"
)";

Facts untrusted() {
  Facts facts;
  facts.untrusted = true;
  return facts;
}

std::optional<std::string> reason(const Plan& plan, std::string_view job) {
  return plan.jobs.at(plan.find(job).value()).skip_reason;
}

TEST(Trust, AForkIsGivenNothingThatIsNotItsOwn) {
  const Plan plan = plan_for_test(kShop, untrusted());
  EXPECT_EQ(reason(plan, "build"), std::nullopt);
  EXPECT_EQ(reason(plan, "publish"), "a pull request from a fork is given no secrets");
  EXPECT_EQ(reason(plan, "look"), "a pull request from a fork sees no files of the machine");
  EXPECT_EQ(reason(plan, "call"), "a pull request from a fork gets no network of the machine");
  EXPECT_EQ(reason(plan, "ship"), "a pull request from a fork deploys nothing");
}

TEST(Trust, EverybodyElseIs) {
  const Plan plan = plan_for_test(kShop);
  for (const Job& job : plan.jobs) EXPECT_EQ(job.skip_reason, std::nullopt) << job.name;
}

TEST(Trust, AForkHoldsUpNobodyElse) {
  const model::Pipeline pipeline = read_for_test(kShop);
  EXPECT_EQ(concurrency_group(pipeline, Facts()), "main");
  EXPECT_EQ(concurrency_group(pipeline, untrusted()), "_untrusted.main");
  EXPECT_EQ(among_equals("", untrusted()), "");
}

}  // namespace
}  // namespace pipeline::plan
