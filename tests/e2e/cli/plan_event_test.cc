// `pipeline plan --event`: whether an event would start a run, why, and what that run would do.
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

constexpr const char* kPipeline = R"(name = "shop"

[triggers]
push         = ["main", "release/*"]
tag          = ["v*"]
pull_request = true
paths        = ["src/**"]
schedule     = [{ name = "nightly", cron = "30 2 * * *", timezone = "Europe/Zurich", params = { channel = "nightly" } }]

[concurrency]
group      = "shop-{branch}"
superseded = "cancel-queued"

[params]
channel = { choices = ["stable", "nightly"], default = "stable" }

[[stage]]
name = "build"
run  = "true"

[[stage]]
name = "docs"
run  = "true"
when = { changed = ["docs/**"] }
needs = []

[[stage]]
name = "publish"
run  = "true"
needs = ["build"]
when = { branch = ["main"], event = ["push"] }
)";

class PlanEvent : public ::testing::Test {
 protected:
  PlanEvent() {
    product_.write("pipeline.toml", kPipeline);
    product_.commit();
  }
  std::string plan(std::vector<std::string> options) {
    options.insert(options.begin(), "plan");
    const auto planned = product_.run(std::move(options));
    EXPECT_EQ(planned.exit_code, 0) << planned.err;
    return product_.normalised(planned.out);
  }
  Product product_;
};

TEST_F(PlanEvent, OfAPushThatStartsARun) {
  EXPECT_TRUE(matches_golden("e2e/plan_event_push.txt",
                             plan({"--event", "push", "--branch", "main", "--changed", "src/a.cc",
                                   "--changed", "src/b.cc"})));
}

TEST_F(PlanEvent, OfEventsThatStartNothing) {
  EXPECT_TRUE(
      matches_golden("e2e/plan_event_nothing.txt",
                     plan({"--event", "push", "--branch", "topic"}) +
                         plan({"--event", "push", "--branch", "main", "--changed", "README.md"}) +
                         plan({"--event", "tag", "--tag", "nightly"}) +
                         plan({"--event", "push", "--branch", "topic", "--json"})));
}

TEST_F(PlanEvent, OfPathsThatDoNotCountAndBranchesThatPullRequestsGoTo) {
  product_.write("pipeline.toml", R"(name = "shop"
[triggers]
push         = ["main"]
paths_ignore = ["**/*.md"]
pull_request = { branches = ["main", "release/*"] }
[[stage]]
name = "build"
run  = "true"
)");
  product_.commit();
  const auto push = [&](const std::string& path) {
    return plan(
        {"--event", "push", "--branch", "main", "--changed", "README.md", "--changed", path});
  };
  const auto pull_request = [&](const std::string& to) {
    return plan({"--event", "pull_request", "--branch", to});
  };
  EXPECT_TRUE(matches_golden(
      "e2e/plan_event_filters.txt",
      push("docs/a.md") + push("src/a.cc") + pull_request("release/2") + pull_request("topic")));
}

TEST_F(PlanEvent, OfATagAndAPullRequest) {
  EXPECT_TRUE(matches_golden("e2e/plan_event_tag.txt", plan({"--event", "tag", "--tag", "v1.0"})));
  product_.git({"checkout", "-q", "-b", "topic"});
  EXPECT_TRUE(matches_golden("e2e/plan_event_pull_request.txt",
                             plan({"--event", "pull_request", "--branch", "main"})));
}

// When it fires next depends on today: tests/unit/runner/cli knows what it looks like.
TEST_F(PlanEvent, OfASchedule) {
  const std::string text = plan({"--event", "schedule"});
  EXPECT_EQ(text.find("schedule nightly would start a run: it fires at \"30 2 * * *\" in "
                      "Europe/Zurich\nnext: "),
            0U)
      << text;
  EXPECT_NE(text.find("parameters channel=nightly"), std::string::npos) << text;
  EXPECT_NE(text.find("skip  the event is \"schedule\", not \"push\""), std::string::npos) << text;
  const std::string json = plan({"--event", "schedule", "--json"});
  EXPECT_NE(json.find(R"("next":[")"), std::string::npos) << json;
}

TEST_F(PlanEvent, OfAnotherPipelinesSuccess) {
  const auto ran = product_.run({"plan", "--event", "pipeline", "--after", "far/build"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              testing::HasSubstr("success of pipeline build of far would start nothing: "));
}

TEST_F(PlanEvent, RefusesWhatDoesNotFit) {
  const auto refused = [&](std::vector<std::string> options) {
    options.insert(options.begin(), "plan");
    const auto ran = product_.run(std::move(options));
    EXPECT_EQ(ran.exit_code, 2);
    return ran.err;
  };
  EXPECT_TRUE(matches_golden(
      "e2e/plan_event_mistakes.txt",
      refused({"--branch", "main"}) + refused({"--event", "psh"}) +
          refused({"--event", "push", "--schedule", "nightly"}) +
          refused({"--event", "push", "--tag", "v1"}) +
          refused({"--event", "tag", "--branch", "main"}) + refused({"--event", "pull_request"}) +
          refused({"--event", "pipeline"}) + refused({"--event", "push", "--after", "build"}) +
          refused({"--event", "schedule", "--schedule", "nigthly"})));
}

}  // namespace
}  // namespace pipeline::e2e
