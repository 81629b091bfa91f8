// What serves at a server's machine, looked at and changed from afar. Real HAProxy, real instances.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "tests/e2e/cli/deploy_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::Team;
using testing::EndsWith;
using testing::HasSubstr;

class TeamEnvironments : public Team {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/haproxy", X_OK) != 0) GTEST_SKIP() << "haproxy is not installed";
    product_.write("server/server.py", kServer);
    product_.write("smoke.py", kSmoke);
    start_agent("a");
  }
  // Whatever a test has left behind.
  void TearDown() override { run_beside({"stop", "shop/staging"}); }

  // The artifact that the run of it made: "shop@DIGEST".
  std::string bring(const std::string& content) {
    product_.write("server/change", content);
    push(pipeline_file(port_));
    const auto ran = run({"run", "--repo", "shop"});
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    const std::string listed = run({"artifacts", "last"}).out;
    return listed.substr(listed.find("shop@"), 69);
  }
  void expect_same(const std::vector<std::string>& command) {
    const auto here = run_beside(command);
    const auto afar = run(command);
    EXPECT_EQ(product_.normalised(without_server(afar.out)), product_.normalised(here.out));
    EXPECT_EQ(product_.normalised(without_server(afar.err)), product_.normalised(here.err));
    EXPECT_EQ(afar.exit_code, here.exit_code);
  }

  const int port_ = first_port();
};

TEST_F(TeamEnvironments, AreShownFromAfarAsTheyAreHere) {
  expect_same({"status"});
  bring("one");
  bring("two");
  EXPECT_THAT(run({"status"}).out, HasSubstr("shop/staging  2 "));
  EXPECT_THAT(run({"status", "staging"}).out,
              HasSubstr("pipeline rollback --server " + url() + " shop/staging puts it back\n"));
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"status"}, {"status", "staging"}, {"status", "--json"}, {"status", "nowhere"}})
    expect_same(command);
}

TEST_F(TeamEnvironments, AreChangedFromAfar) {
  bring("one");
  const std::string second = bring("two");
  const auto back = run({"rollback", "staging"});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.out, EndsWith("staging: promoted, release 1 serves\n"));
  EXPECT_THAT(run({"deploy", "--resume", "staging"}).out,
              EndsWith("staging: nothing to do, release 1 serves\n"));
  const auto refused = run({"deploy", "staging", second, "--repo", "shop"});
  EXPECT_EQ(refused.exit_code, 2) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("was rolled back in staging before\nhint: "));
  const auto forced = run({"deploy", "staging", second, "--repo", "shop", "--force"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_THAT(forced.out, EndsWith("staging: promoted, release 3 serves\n"));
  EXPECT_THAT(run({"rollback", "shop/staging", "--to", "9"}).err, HasSubstr("9"));
  EXPECT_EQ(run({"rollback", "nowhere"}).exit_code, 2);
  EXPECT_THAT(run({"deploy", "staging", second}).err, HasSubstr("--repo NAME"));
  EXPECT_EQ(run({"deploy", "staging", second, "--repo", "blog"}).exit_code, 3);
  EXPECT_EQ(run({"deploy", "production", second, "--repo", "shop"}).exit_code, 2);
  {
    const As reader(*this, "reader", "read");
    EXPECT_EQ(run({"status"}).exit_code, 0);
    for (const auto& command :
         std::vector<std::vector<std::string>>{{"rollback", "staging"},
                                               {"stop", "staging"},
                                               {"deploy", "--resume", "staging"},
                                               {"deploy", "staging", second, "--repo", "shop"}})
      EXPECT_THAT(run(command).err, HasSubstr("has not the scope deploy"));
  }
  const auto stopped = run({"stop", "staging"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_THAT(stopped.out, EndsWith("staging: stopped\n"));
}

TEST_F(TeamEnvironments, AreChangedByThoseWhoDeployThere) {
  const std::string first = bring("one");
  EXPECT_EQ(run({"user", "add", "ann"}).exit_code, 0);
  const std::string admin = product_.env()["PIPELINE_TOKEN"];
  const std::string ann =
      run({"token", "add", "ann-laptop", "--user", "ann", "--scope", "admin"}).out;
  const auto grant = [&](const std::string& role, const std::vector<std::string>& where) {
    product_.env()["PIPELINE_TOKEN"] = admin;
    std::vector<std::string> words = {"role", "grant", "ann", role, "--repo", "shop"};
    words.insert(words.end(), where.begin(), where.end());
    EXPECT_EQ(run(words).exit_code, 0);
    product_.env()["PIPELINE_TOKEN"] = ann;
  };
  product_.env()["PIPELINE_TOKEN"] = ann;
  EXPECT_EQ(run({"status", "--json"}).out, "");
  EXPECT_THAT(run({"stop", "shop/staging"}).err, HasSubstr("nothing was ever deployed to"));
  grant("deployer", {"--env", "production"});
  EXPECT_THAT(run({"status", "--json"}).out, HasSubstr("staging"));
  for (const auto& command :
       std::vector<std::vector<std::string>>{{"rollback", "staging"},
                                             {"stop", "staging"},
                                             {"deploy", "--resume", "staging"},
                                             {"deploy", "staging", first, "--repo", "shop"}})
    EXPECT_THAT(run(command).err,
                HasSubstr("ann has not the role deployer on shop, environment staging"));
  grant("deployer", {"--env", "staging"});
  EXPECT_EQ(run({"deploy", "--resume", "staging"}).exit_code, 0);
  EXPECT_EQ(run({"stop", "staging"}).exit_code, 0);
}

TEST_F(TeamEnvironments, CtrlCTurnsADeploymentBack) {
  const std::string first = bring("one");
  bring("two");
  product_.write("smoke.py", "import time\ntime.sleep(3600)\n");
  push(pipeline_file(port_));
  auto deploying = start({"deploy", "staging", first, "--repo", "shop"});
  ASSERT_TRUE(eventually([&] {
    return deploying.out().find("ask the gates") != std::string::npos;
  })) << deploying.out();
  deploying.signal(SIGINT);
  const auto left = deploying.wait();
  EXPECT_EQ(left.exit_code, 130) << left.out << left.err;
  EXPECT_EQ(left.err, "stopping; press Ctrl-C again to leave at once\n");
  EXPECT_THAT(left.out, HasSubstr("staging: rolled back, release 2 serves\n"));
}

}  // namespace
}  // namespace pipeline::e2e
