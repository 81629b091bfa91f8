// Deployments by the program: a real HAProxy, real instances, gates, rollback, and what is said.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "tests/e2e/cli/deploy_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/http/http_backend.h"
#include "tests/support/http/http_load.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::HttpBackend;
using support::HttpLoad;
using support::matches_golden;

// Production takes only what staging has seen. There is a second artifact, which nobody deploys.
std::string with_production(const std::string& file, int port) {
  const auto text = [](int number) { return std::to_string(number); };
  return file + R"([[stage]]
name = "docs"
needs = []
run = "echo docs > docs.txt"
artifacts = [{ name = "docs", paths = ["docs.txt"] }]
[[stage]]
name = "production"
kind = "deploy"
needs = ["staging"]
environment = "production"
artifact = "shop"
promote_from = "staging"
[environment.production]
instances = 1
start = "cd dist && HOLD=/nonexistent exec python3 server.py"
ports = ")" +
         text(port + 2) + "-" + text(port + 3) + R"("
health = { http = "/", interval = "50ms", rise = 1 }
[environment.production.switch]
listen = "127.0.0.1:)" +
         text(port) + R"("
preview = "127.0.0.1:)" +
         text(port + 1) + R"("
[environment.production.strategy]
kind = "blue-green"
)";
}

TEST_F(Deploy, BringsAReleaseToUsersAndTheNextOneWithoutAFailedRequest) {
  const auto first = product_.run({"run"});
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_TRUE(matches_golden("e2e/deploy_first.txt", normalised(first.out)));
  HttpLoad load(this->load());
  const auto second = deploy_something_new();
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
  expect_served_by(2, load);
  const auto status = product_.run({"status", "staging"});
  EXPECT_NE(status.out.find("shop/staging  2 "), std::string::npos) << status.out;
}

TEST_F(Deploy, ASmokeTestThatFailsKeepsTheOldReleaseServing) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  HttpLoad load(this->load());
  const auto broken = deploy_something_new("broken");
  EXPECT_EQ(broken.exit_code, 1) << broken.out << broken.err;
  EXPECT_NE(broken.out.find("staging failed: python3 smoke.py: exit code 1"), std::string::npos)
      << broken.out;
  expect_served_by(1, load);
}

TEST_F(Deploy, RollsBackByHandAndRefusesWhatWasRolledBack) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  HttpLoad load(this->load());
  const auto back = product_.run({"rollback", "staging"});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_TRUE(back.out.ends_with("staging: promoted, release 1 serves\n")) << back.out;
  expect_served_by(1, load);
  const std::string artifact = last_artifact();
  const auto refused = product_.run({"deploy", "staging", artifact});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("was rolled back in staging before\nhint: "), std::string::npos)
      << refused.err;
  EXPECT_EQ(product_.run({"deploy", "staging", artifact, "--force"}).exit_code, 0);
}

TEST_F(Deploy, WhatARunIsRefusedIsItsFailure) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  ASSERT_EQ(deploy_something_new().exit_code, 0);
  ASSERT_EQ(product_.run({"rollback", "staging"}).exit_code, 0);
  const auto refused = product_.run({"run"});
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_NE(refused.out.find("staging failed: shop "), std::string::npos) << refused.out;
}

TEST_F(Deploy, NobodyComesAroundAPromotionByAnotherName) {
  product_.write("pipeline.toml", with_production(pipeline_file(port_), port_ + 21));
  product_.commit();
  ASSERT_EQ(product_.run({"run", "--stage", "package", "--stage", "docs"}).exit_code, 0);
  const std::string artifact = last_artifact();
  const std::string digest = artifact.substr(artifact.find('@'));
  const auto honest = product_.run({"deploy", "production", artifact});
  EXPECT_EQ(honest.exit_code, 2);
  EXPECT_NE(honest.err.find("did not pass the gates of staging"), std::string::npos) << honest.err;
  const auto other = product_.run({"deploy", "production", "docs" + digest});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("did not pass the gates of staging"), std::string::npos) << other.err;
  const auto unheard_of = product_.run({"deploy", "production", "anything" + digest});
  EXPECT_EQ(unheard_of.exit_code, 2);
  EXPECT_NE(unheard_of.err.find("no stage of pipeline shop makes an artifact \"anything\""),
            std::string::npos)
      << unheard_of.err;
}

TEST_F(Deploy, CtrlCTurnsADeploymentBack) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  const std::string artifact = last_artifact();
  product_.write("smoke.py", "import time\ntime.sleep(3600)\n");
  HttpLoad load(this->load());
  auto running = product_.start({"deploy", "staging", artifact});
  ASSERT_TRUE(eventually([&] { return running.out().find("ask the gates") != std::string::npos; }));
  running.signal(SIGINT);
  const auto stopped = running.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_EQ(stopped.err, "stopping; press Ctrl-C again to leave at once\n");
  EXPECT_TRUE(stopped.out.ends_with(
      "staging: rolled back, release 1 serves\nreason: the smoke test was stopped\n"))
      << stopped.out;
  expect_served_by(1, load);
}

TEST_F(Deploy, ADriverThatWasKilledIsResumed) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  HttpLoad load(this->load());
  product_.write("server/change", "x");
  product_.commit();
  auto running = product_.start({"run"});
  ASSERT_TRUE(
      eventually([&] { return running.out().find("staging: prepared") != std::string::npos; }));
  running.signal(SIGKILL);
  running.wait();
  const auto resumed = product_.run({"deploy", "--resume", "staging"});
  // Going back is nobody's fault, and no success.
  EXPECT_TRUE(resumed.exit_code == 0 || resumed.exit_code == 3) << resumed.out << resumed.err;
  const auto status = product_.run({"status", "--json"});
  expect_served_by(status.out.find(R"("release":2,"artifact")") != std::string::npos ? 2 : 1, load);
}

TEST_F(Deploy, StopLeavesNothingRunning) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  EXPECT_EQ(product_.run({"stop", "staging"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return product_.is_quiet(); }));
}

TEST_F(Deploy, APortThatIsTakenIsNamed) {
  const HttpBackend somebody("somebody");
  std::string file = pipeline_file(port_);
  const std::string ours = "listen = \"127.0.0.1:" + std::to_string(port_);
  file.replace(file.find(ours), ours.size(),
               "listen = \"127.0.0.1:" + std::to_string(somebody.port()));
  product_.write("pipeline.toml", file);
  const auto ran = product_.run({"run"});
  EXPECT_EQ(ran.exit_code, 3) << ran.out;
  const std::string cause = "127.0.0.1:" + std::to_string(somebody.port()) + " is taken by ";
  EXPECT_NE(ran.out.find("staging errored: " + cause), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("staging: prepared"), std::string::npos) << "nothing is started first";
  EXPECT_TRUE(eventually([&] { return product_.is_quiet(); }));
}

TEST_F(Deploy, AMachineWithoutHaproxyIsNotTheReleasesFault) {
  ASSERT_EQ(product_.run({"run", "--stage", "package"}).exit_code, 0);
  const std::string artifact = last_artifact();
  const auto ran = product_.run_without("/usr/sbin/haproxy", {"deploy", "staging", artifact});
  if (!ran) GTEST_SKIP() << "no mount namespace can be had";
  EXPECT_EQ(ran->exit_code, 3) << ran->out << ran->err;
  EXPECT_EQ(ran->out, "staging: locked\nstaging: preflight\n");
  EXPECT_EQ(ran->err,
            "error: haproxy, which switches the traffic, is not installed\n"
            "hint: install it: apt-get install haproxy\n");
}

TEST_F(Deploy, AnArtifactThatIsNotThereIsTheUsersMistake) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  const auto ran = product_.run({"deploy", "staging", "shop@" + std::string(64, '0')});
  EXPECT_EQ(ran.exit_code, 2) << ran.out << ran.err;
  EXPECT_EQ(ran.out, "staging: locked\nstaging: preflight\n");
}

TEST_F(Deploy, AServiceThatDiedIsBroughtBack) {
  ASSERT_EQ(product_.run({"run"}).exit_code, 0);
  for (const int pid : support::processes_mentioning(product_.home().string())) {
    ::kill(pid, SIGKILL);
  }
  const auto resumed = product_.run({"deploy", "--resume", "staging"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.out << resumed.err;
  EXPECT_TRUE(resumed.out.ends_with("staging: brought back, release 1 serves\n")) << resumed.out;
  HttpLoad load(this->load());
  expect_served_by(1, load);
}

}  // namespace
}  // namespace pipeline::e2e
