// Deployments by the program in the ways that deploy_test.cc does not go: other strategies, toggle
// gates, promotion, a queue, older releases, and a run that is retried.
#include <csignal>
#include <filesystem>

#include "tests/e2e/cli/deploy_fixture.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::HttpLoad;
using support::Running;

class Ways : public Deploy {
 protected:
  void use(const Staging& staging) {
    product_.write("pipeline.toml", pipeline_file(port_, staging));
    product_.commit();
  }
  // As long as this file is there, no smoke test gets an answer.
  std::string hold() const { return (product_.root() / "hold").string(); }
  void let_go() const { std::filesystem::remove(hold()); }
  // A smoke test that waits.
  Running start_and_hold(std::vector<std::string> command) {
    product_.write(hold(), "");
    Running running = product_.start(std::move(command));
    EXPECT_TRUE(said(running, "ask the gates")) << running.out();
    return running;
  }
  static bool said(const Running& running, const std::string& words) {
    return eventually([&] { return running.out().find(words) != std::string::npos; });
  }
  // What a request to the address gets, once.
  std::string served_on(int port) const {
    HttpLoad load({.port = static_cast<std::uint16_t>(port), .workers = 1});
    load.await_requests(1);
    const auto result = load.stop();
    return result.failed != 0 ? result.first_failure : result.by_answer.begin()->first;
  }
};

TEST_F(Ways, RollingReplacesTheFleetWithoutAFailedRequest) {
  use({.strategy = "kind = \"rolling\"\nbatch = 1\nbake = \"100ms\"\n"});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  HttpLoad load(this->load());
  const auto second = deploy_something_new();
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_NE(second.out.find("staging: baking: batch 2"), std::string::npos) << second.out;
  expect_served_by(2, load);
}

TEST_F(Ways, AllAtOnceHasAGapAndThenTheNewRelease) {
  use({.settings = "allow_downtime = true\n", .strategy = "kind = \"all-at-once\"\n"});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  const auto second = deploy_something_new();
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_EQ(served_on(port_), "release 2\n");
  const auto broken = deploy_something_new("broken");
  EXPECT_EQ(broken.exit_code, 1) << broken.out << broken.err;
  EXPECT_EQ(served_on(port_), "release 2\n");
}

TEST_F(Ways, DarkCodeThatIsNotDarkStaysAtHome) {
  const auto flags = [this](const std::string& state) {
    product_.write(
        "flags.json",
        R"({"flags":{"new-checkout":{"state":"ENABLED","variants":{"on":true,"off":false},
        "defaultVariant":")" +
            state + R"(","metadata":{"owner":"shop","expiry":"2999-12-31"}}}})");
  };
  flags("off");
  use({.settings = "toggles = \"flags.json\"\n",
       .more = "[[environment.staging.gate]]\nkind = \"toggle\"\noff = [\"new-checkout\"]\n"});
  const auto dark = product_.run({"run"});
  EXPECT_EQ(dark.exit_code, 0) << dark.out << dark.err;
  EXPECT_NE(dark.out.find("toggle new-checkout is off"), std::string::npos) << dark.out;
  HttpLoad load(this->load());
  flags("on");
  const auto bright = deploy_something_new();
  EXPECT_EQ(bright.exit_code, 1) << bright.out << bright.err;
  EXPECT_NE(bright.out.find("staging failed: toggle new-checkout evaluates to \"on\""),
            std::string::npos)
      << bright.out;
  expect_served_by(1, load);
}

TEST_F(Ways, WhatPassedInStagingIsPromoted) {
  const std::string address = "127.0.0.1:" + std::to_string(port_ + 20);
  const std::string preview = "127.0.0.1:" + std::to_string(port_ + 21);
  const std::string ports = std::to_string(port_ + 22) + "-" + std::to_string(port_ + 23);
  std::string file = pipeline_file(port_, {.more = R"([[stage]]
name = "production"
kind = "deploy"
needs = ["staging"]
environment = "production"
artifact = "shop"
promote_from = "staging"
[environment.production]
instances = 1
start = "cd dist && HOLD=/nonexistent exec python3 server.py"
ports = ")" + ports + R"("
health = { http = "/", interval = "50ms", rise = 1 }
[environment.production.switch]
listen = ")" + address + R"("
preview = ")" + preview + R"("
[environment.production.strategy]
kind = "blue-green"
)"});
  // Staging gives those ports up.
  const std::string last = "-" + std::to_string(port_ + 20);
  file.replace(file.find(last), last.size(), "-" + std::to_string(port_ + 19));
  product_.write("pipeline.toml", file);
  product_.commit();
  const auto both = product_.run({"run"});
  EXPECT_EQ(both.exit_code, 0) << both.out << both.err;
  EXPECT_EQ(served_on(port_ + 20), "release 1\n");
  const auto broken = deploy_something_new("broken");
  EXPECT_EQ(broken.exit_code, 1) << broken.out << broken.err;
  EXPECT_EQ(served_on(port_ + 20), "release 1\n") << "what failed in staging goes no further";
  const auto forced = product_.run({"deploy", "production", last_artifact(), "--force"});
  EXPECT_NE(forced.err.find("did not pass the gates of staging"), std::string::npos) << forced.err;
  EXPECT_EQ(product_.run({"stop", "production"}).exit_code, 0);
}

TEST_F(Ways, ASecondDeploymentWaitsForTheFirst) {
  use({.hold = hold()});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  const std::string artifact = last_artifact();
  HttpLoad load(this->load());
  auto first = start_and_hold({"deploy", "staging", artifact, "--force"});
  auto second = product_.start({"deploy", "staging", artifact, "--force"});
  ASSERT_TRUE(said(second, "staging: queued: waiting for the deployment to staging held by "))
      << second.out();
  let_go();
  const auto ended_first = first.wait();
  const auto ended_second = second.wait();
  EXPECT_TRUE(ended_first.out.ends_with("staging: promoted, release 2 serves\n"))
      << ended_first.out << ended_first.err;
  EXPECT_TRUE(ended_second.out.ends_with("staging: promoted, release 3 serves\n"))
      << ended_second.out << ended_second.err;
  expect_served_by(3, load);
}

TEST_F(Ways, GoesBackToAReleaseByItsNumber) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  HttpLoad load(this->load());
  const auto back = product_.run({"rollback", "staging", "--to", "1"});
  EXPECT_TRUE(back.out.ends_with("staging: promoted, release 1 serves\n")) << back.out << back.err;
  const auto unknown = product_.run({"rollback", "staging", "--to", "9"});
  EXPECT_EQ(unknown.exit_code, 2) << unknown.out;
  EXPECT_NE(unknown.err.find("release 9 of staging is not kept\nhint: releases that are kept: "),
            std::string::npos)
      << unknown.err;
  expect_served_by(1, load);
}

TEST_F(Ways, ARunThatWasKilledWhileItDeployedIsRetried) {
  use({.hold = hold()});
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  product_.write("server/change", "x");
  product_.commit();
  HttpLoad load(this->load());
  auto killed = start_and_hold({"run"});
  killed.signal(SIGKILL);
  killed.wait();
  let_go();
  const auto retried = product_.run({"retry", "last"});
  EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
  EXPECT_NE(retried.out.find("release 2 was left prepared: going back"), std::string::npos)
      << retried.out;
  expect_served_by(3, load);
}

}  // namespace
}  // namespace pipeline::e2e
