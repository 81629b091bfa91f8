// Environments on machines of agents: a server's deployments, carried out by the agent that has the
// environment's labels and written down at the server, whoever dies meanwhile. Real HAProxy, real
// instances.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "tests/e2e/cli/deploy_fixture.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace fs = std::filesystem;
using support::eventually;
using support::HttpLoad;
using support::Ran;
using support::Running;
using support::Team;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOnProduction = "agent = { labels = [\"production\"] }\n";

class AgentDeployments : public Team {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/haproxy", X_OK) != 0) GTEST_SKIP() << "haproxy is not installed";
    product_.write("server/server.py", kServer);
    product_.write("smoke.py", kSmoke);
    start_agent("builder");
    start_production();
  }
  // Whatever a test has left behind: by whoever is left, or by force.
  void TearDown() override {
    fs::remove(hold_);
    if (!is_production_up_) start_production();
    run({"stop", "shop/staging"});
    for (const int pid : support::processes_mentioning(agent_home("prod") / "environments"))
      ::kill(pid, SIGKILL);
  }

  void start_production() {
    start_agent("prod", {"--labels", "production", "--slots", "2"});
    is_production_up_ = true;
  }
  // The program, and the drivers of what it was deploying.
  void kill_production() {
    kill_agent("prod");
    is_production_up_ = false;
    for (const int pid : drivers()) ::kill(pid, SIGKILL);
    EXPECT_TRUE(eventually([&] { return drivers().empty(); }));
  }
  std::vector<int> drivers() const {
    return support::processes_mentioning(agent_home("prod"), "__job");
  }

  void push_change(const std::string& content, Staging staging = {}) {
    product_.write("server/change", content);
    staging.settings += kOnProduction;
    staging.hold = hold_;
    push(pipeline_file(port_, staging));
  }
  Ran bring(const std::string& content) {
    push_change(content);
    return run({"run", "--repo", "shop"});
  }
  // A deployment whose gate waits until somebody takes the file away.
  Running bring_held(const std::string& content) {
    push_change(content);
    product_.write(hold_, "");
    Running running = start({"run", "--repo", "shop"});
    EXPECT_TRUE(eventually([&] {
      return running.out().find("ask the gates") != std::string::npos;
    })) << running.out()
        << running.err();
    return running;
  }
  void expect_served_by(int release) const {
    HttpLoad load({.port = static_cast<std::uint16_t>(port_), .workers = 1});
    load.await_requests(5);
    const auto result = load.stop();
    EXPECT_EQ(result.failed, 0U) << result.first_failure;
    EXPECT_TRUE(result.by_answer.contains("release " + std::to_string(release) + "\n"));
    EXPECT_EQ(result.by_answer.size(), 1U);
  }
  static fs::path below(const fs::path& home) { return home / "environments" / "shop" / "staging"; }
  std::string status() { return run({"status", "staging"}).out; }
  // Of the newest run, once it is over.
  std::string ended() {
    std::string shown;
    EXPECT_TRUE(eventually([&] {
      shown = run({"runs", "--limit", "1"}).out;
      return shown.find("running") == std::string::npos &&
             shown.find("queued") == std::string::npos;
    }));
    return shown;
  }

  const int port_ = first_port();
  const std::string hold_ = (product_.root() / "hold").string();
  bool is_production_up_ = false;
};

TEST_F(AgentDeployments, RunWhereTheLabelsAreAndAreWrittenDownAtTheServer) {
  const auto ran = bring("one");
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err << server_said();
  expect_served_by(1);
  EXPECT_TRUE(fs::exists(below(agent_home("prod")) / "instances"));
  EXPECT_FALSE(fs::exists(below(agent_home("builder"))));
  EXPECT_FALSE(fs::exists(below(server_home()) / "instances"));
  EXPECT_THAT(status(), AllOf(HasSubstr("shop/staging  1 "), HasSubstr("cleaned"),
                              HasSubstr("on the machine of agent prod")));
  EXPECT_THAT(status(), testing::ContainsRegex("127.0.0.1:[0-9]+ +[0-9]+ +healthy +yes"));
  EXPECT_THAT(run({"status"}).out, HasSubstr("shop/staging"));
  EXPECT_THAT(run({"show", "last", "--json"}).out, HasSubstr("\"worker\":\"prod\""));
  // Each progress once, and in order.
  const auto at = [&](const std::string& text) { return ran.out.find(text); };
  EXPECT_LT(at("preflight"), at("ask the gates"));
  EXPECT_LT(at("ask the gates"), at("release 1 serves"));
  ASSERT_EQ(bring("two").exit_code, 0);
  expect_served_by(2);
}

TEST_F(AgentDeployments, AreChangedFromAfarThere) {
  ASSERT_EQ(bring("one").exit_code, 0);
  ASSERT_EQ(bring("two").exit_code, 0);
  const auto back = run({"rollback", "staging"});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.out, EndsWith("staging: promoted, release 1 serves\n"));
  expect_served_by(1);
  EXPECT_THAT(run({"deploy", "--resume", "staging"}).out,
              EndsWith("staging: nothing to do, release 1 serves\n"));
  const auto refused = run({"rollback", "staging", "--to", "9"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("release 9 of staging is not kept\nhint: "));
  const std::string listed = run({"artifacts", "last"}).out;
  const std::string second = listed.substr(listed.find("shop@"), 69);
  const auto forced = run({"deploy", "staging", second, "--repo", "shop", "--force"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_THAT(forced.out, EndsWith("staging: promoted, release 3 serves\n"));
  expect_served_by(3);
  const auto stopped = run({"stop", "staging"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_THAT(stopped.out, EndsWith("staging: stopped\n"));
  EXPECT_TRUE(
      eventually([&] { return support::processes_mentioning(below(agent_home("prod"))).empty(); }));
  EXPECT_FALSE(fs::exists(below(server_home()) / "instances"));
}

TEST_F(AgentDeployments, AreNeverCarriedOutOnTheServersMachine) {
  ASSERT_EQ(bring("one").exit_code, 0);
  for (const auto& command :
       std::vector<std::vector<std::string>>{{"rollback", "shop/staging", "--to", "1"},
                                             {"stop", "shop/staging"},
                                             {"deploy", "--resume", "shop/staging"}}) {
    const auto beside = run_beside(command);
    EXPECT_EQ(beside.exit_code, 3) << beside.out;
    EXPECT_THAT(beside.err, HasSubstr("staging is on agent prod, not on "));
  }
  // Neither is it when its pipeline does not speak of agents any more.
  push(pipeline_file(port_, {.hold = hold_}));
  const auto ran = run({"run", "--repo", "shop"});
  EXPECT_EQ(ran.exit_code, 3) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("staging is on agent prod, not on "));
  EXPECT_FALSE(fs::exists(below(server_home()) / "instances"));
  expect_served_by(1);
}

// Another machine that has the labels could not see there what runs.
TEST_F(AgentDeployments, StayOnTheMachineWhereTheyServe) {
  ASSERT_EQ(bring("one").exit_code, 0);
  stop_agent("prod");
  is_production_up_ = false;
  EXPECT_THAT(status(), HasSubstr("not looked at: there is no agent prod with label production\n"));
  start_agent("other", {"--labels", "production"});
  push_change("two");
  auto running = start({"run", "--repo", "shop"});
  EXPECT_TRUE(eventually([&] {
    return run({"show", "last"}).out.find("there is no agent prod with label production") !=
           std::string::npos;
  })) << run({"show", "last"}).out;
  start_production();
  const auto ran = running.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_FALSE(fs::exists(below(agent_home("other"))));
  expect_served_by(2);
}

// The driver has a process of its own: the agent is not needed for it.
TEST_F(AgentDeployments, GoOnWhenTheirAgentIsKilled) {
  ASSERT_EQ(bring("one").exit_code, 0);
  auto running = bring_held("two");
  kill_agent("prod");
  is_production_up_ = false;
  fs::remove(hold_);
  start_production();
  const auto ran = running.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, Not(HasSubstr("going back")));
  expect_served_by(2);
}

TEST_F(AgentDeployments, AreTakenUpByTheJournalWhenTheirDriverIsKilled) {
  ASSERT_EQ(bring("one").exit_code, 0);
  auto running = bring_held("two");
  kill_production();
  expect_served_by(1);
  EXPECT_THAT(status(), HasSubstr("prepared"));
  fs::remove(hold_);
  start_production();
  const auto ran = running.wait();
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("release 2 was left prepared: going back"));
  EXPECT_THAT(ran.out, HasSubstr("release 3 serves"));
  expect_served_by(3);
}

TEST_F(AgentDeployments, WaitForAServerThatIsKilled) {
  ASSERT_EQ(bring("one").exit_code, 0);
  auto running = bring_held("two");
  kill_server();
  fs::remove(hold_);
  start_server();
  running.wait();
  EXPECT_THAT(ended(), HasSubstr("succeeded")) << server_said();
  expect_served_by(2);
  EXPECT_THAT(status(), HasSubstr("shop/staging  2 "));
  const std::string shown = run({"show", "last"}).out;
  EXPECT_THAT(shown, Not(HasSubstr("going back")));
  // Nothing was done twice: a third release is the next one.
  ASSERT_EQ(bring("three").exit_code, 0);
  expect_served_by(3);
}

TEST_F(AgentDeployments, AreTurnedBackWhenTheirRunIsCancelled) {
  ASSERT_EQ(bring("one").exit_code, 0);
  auto running = bring_held("two");
  EXPECT_EQ(run({"cancel", "last"}).exit_code, 0);
  const auto ran = running.wait();
  EXPECT_EQ(ran.exit_code, 130) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("release 1 serves"));
  expect_served_by(1);
}

// Somebody's agent without a lease of that environment has nothing to read there, nor to write.
TEST_F(AgentDeployments, GiveTheirJournalToNobodyElse) {
  ASSERT_EQ(bring("one").exit_code, 0);
  const auto asked = product_.shell(
      "curl -s -o answer -w '%{http_code}' -X POST -H \"Authorization: Bearer $(cat " +
      (product_.root() / "agent.token").string() + ")\" -d '{\"kind\":\"read\"}' '" + url() +
      "/api/v1/agents/builder/journal?run=1&job=staging&attempt=1&fence=1'; cat answer");
  EXPECT_THAT(asked.out, AllOf(HasSubstr("409"), HasSubstr("the lease of this attempt is over")));
}

}  // namespace
}  // namespace pipeline::e2e
