// Environments that a server defines, which no branch of the repository changes. Real HAProxy, real
// instances, the real git.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/e2e/cli/deploy_fixture.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::Ran;
using support::Team;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOnPush = "[triggers]\npush = [\"**\"]\n";

class ServerEnvironments : public Team {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/haproxy", X_OK) != 0) GTEST_SKIP() << "haproxy is not installed";
    product_.write("server/server.py", kServer);
    product_.write("smoke.py", kSmoke);
    start_agent("a");
    product_.write(definition(), table("exec python3 server.py"));
    const Ran set = run({"environment", "set", "shop", "staging", "--file", definition().string()});
    EXPECT_EQ(set.exit_code, 0) << set.err;
    EXPECT_EQ(set.out,
              "staging of shop is as the server has it from now on, whatever a branch says\n");
  }
  void TearDown() override { run_beside({"stop", "shop/staging"}); }

  std::filesystem::path definition() const { return product_.root() / "staging.toml"; }
  // One instance, on this test's ports.
  std::string table(const std::string& start) const {
    const auto text = [](int number) { return std::to_string(number); };
    return "[environment.staging]\ninstances = 1\nstart = \"cd dist && HOLD=/nonexistent " + start +
           "\"\nports = \"" + text(port_ + 2) + "-" + text(port_ + 20) +
           "\"\nhealth = { http = \"/\", interval = \"50ms\", rise = 1 }\n"
           "switch = { listen = \"127.0.0.1:" +
           text(port_) + "\", preview = \"127.0.0.1:" + text(port_ + 1) + "\" }\n";
  }
  static std::string stages() {
    return std::string("name = \"shop\"\n") + kOnPush +
           "[[stage]]\nname = \"package\"\nrun = \"cp -r server dist\"\n"
           "artifacts = [{ name = \"shop\", paths = [\"dist/**\"] }]\n"
           "[[stage]]\nname = \"staging\"\nkind = \"deploy\"\nenvironment = \"staging\"\n"
           "artifact = \"shop\"\n";
  }
  void push_branch(const std::string& branch, const std::string& pipeline) {
    product_.write("pipeline.toml", pipeline);
    product_.commit();
    product_.git({"-c", "credential.helper=", "push", "--quiet", "--force",
                  "http://any:" + token() + "@127.0.0.1:" + std::to_string(port()) + "/git/shop",
                  "HEAD:" + branch});
  }
  void become(const std::string& user, const std::string& role) {
    EXPECT_EQ(run({"user", "add", user}).exit_code, 0);
    EXPECT_EQ(run({"role", "grant", user, role, "--repo", "shop"}).exit_code, 0);
    product_.env()["PIPELINE_TOKEN"] =
        run({"token", "add", user + "-laptop", "--user", user, "--scope", "admin"}).out;
  }

  const int port_ = first_port();
};

TEST_F(ServerEnvironments, ABranchDeploysByTheServersDefinition) {
  become("ann", "runner");
  push_branch("mine", stages() + table("exec false") + "drain = \"1s\"\n");
  const Ran ended = run({"attach", "1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_THAT(run({"show", "1"}).out, HasSubstr("environment staging: as the server defined it\n"));
  const std::string status = run({"status", "staging"}).out;
  EXPECT_THAT(status, HasSubstr("push by ann"));
  EXPECT_THAT(run({"status", "--json"}).out, HasSubstr(R"("by":"push by ann")"));
  EXPECT_EQ(product_
                .shell("python3 -c 'import urllib.request as u; print(u.urlopen("
                       "\"http://127.0.0.1:" +
                       std::to_string(port_) + "/\").read().decode())'")
                .out,
            "release 1\n\n");
}

TEST_F(ServerEnvironments, OneThatTheBranchDoesNotDefineIsTheServers) {
  push_branch("main", stages());
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  product_.write("server/change", "1");
  push_branch("main", stages());
  EXPECT_EQ(run({"attach", "2"}).exit_code, 0);
  EXPECT_THAT(run({"status", "--json"}).out, HasSubstr(R"("by":"push by admin")"));
  become("ann", "deployer");
  const Ran back = run({"rollback", "staging"});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(run({"status", "--json"}).out, HasSubstr(R"("by":"ann")"));
}

TEST_F(ServerEnvironments, APlanSaysWhatIsTheServers) {
  push_branch("main", stages() + table("exec false"));
  const std::vector<std::string> plan = {"plan", "--explain", "--repo", "shop"};
  const Ran planned = run(plan);
  EXPECT_EQ(planned.exit_code, 0) << planned.err;
  EXPECT_THAT(planned.out, HasSubstr("\nenvironment staging\n"));
  EXPECT_THAT(planned.out, HasSubstr("exec pyth"));
  EXPECT_THAT(planned.out, HasSubstr("server: environment staging:3"));
  EXPECT_THAT(planned.out, Not(HasSubstr("exec fals")));
  const Ran here = product_.run({"plan", "--explain"});
  EXPECT_THAT(here.out, HasSubstr("exec fals"));
  EXPECT_THAT(here.out, Not(HasSubstr("server: ")));
  EXPECT_THAT(run({"plan", "--explain"}).err, HasSubstr("--repo NAME"));
}

TEST_F(ServerEnvironments, ARunOfBeforeDoesNotBringBackWhatIsPutAside) {
  push_branch("main", stages());
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  product_.write(definition(), table("exec python3 ./server.py"));
  ASSERT_EQ(
      run({"environment", "set", "shop", "staging", "--file", definition().string()}).exit_code, 0);
  const Ran again = run({"retry", "1", "--stage", "staging"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_THAT(again.err,
              HasSubstr("the server defines an environment that it deploys to otherwise"));
}

TEST_F(ServerEnvironments, AreListedShownAndRemoved) {
  const std::string text = table("exec python3 server.py");
  EXPECT_THAT(run({"environment", "list", "shop"}).out, HasSubstr("staging      admin"));
  EXPECT_THAT(run({"environment", "list", "shop", "--json"}).out,
              HasSubstr(R"("environment":"staging")"));
  EXPECT_EQ(run({"environment", "show", "shop", "staging"}).out, text);
  EXPECT_THAT(run({"environment", "show", "shop", "nowhere"}).err,
              HasSubstr("the server defines no environment \"nowhere\" of shop"));
  EXPECT_THAT(run({"environment", "list", "blog"}).err, HasSubstr("there is no repository"));
  EXPECT_EQ(run({"environment", "remove", "shop", "staging"}).out,
            "staging of shop is as its branches say again\n");
  EXPECT_EQ(run({"environment", "remove", "shop", "staging"}).exit_code, 3);
  EXPECT_THAT(run({"environment", "list", "shop"}).out,
              HasSubstr("the server defines no environment of shop"));
  const std::string audit = run({"audit"}).out;
  EXPECT_THAT(audit, HasSubstr("POST /api/v1/repositories/shop/environments/staging"));
  EXPECT_THAT(audit, HasSubstr("DELETE /api/v1/repositories/shop/environments/staging"));
}

TEST_F(ServerEnvironments, OneWithMistakesIsNotTaken) {
  product_.write(definition(), "[environment.staging]\ninstanzes = 2\n");
  const Ran wrong = run({"environment", "set", "shop", "staging", "--file", definition().string()});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("error: unknown key \"instanzes\" in environment\n --> " +
                                   definition().string() + ":2:1\n"));
  // The server looks for itself.
  const Ran asked = product_.shell(
      "python3 - <<'END'\nimport json, urllib.error, urllib.request\n"
      "request = urllib.request.Request('" +
      url() +
      "/api/v1/repositories/shop/environments/staging', method='POST',\n"
      "  data=json.dumps({'text': '[environment.staging]\\ninstanzes = 2\\n', 'file': 'a.toml'})"
      ".encode(), headers={'Authorization': 'Bearer " +
      token() +
      "'})\ntry:\n  urllib.request.urlopen(request)\nexcept urllib.error.HTTPError as error:\n"
      "  print(error.code, error.read().decode())\nEND\n");
  EXPECT_THAT(asked.out, HasSubstr("422 "));
  EXPECT_THAT(asked.out, HasSubstr("a.toml:1:"));
  EXPECT_EQ(run({"environment", "show", "shop", "staging"}).out, table("exec python3 server.py"));
}

TEST_F(ServerEnvironments, AreReadFromStandardInput) {
  const Ran set = product_.shell("'" + product_.program().string() +
                                 "' environment set shop staging --file - --server " + url() +
                                 " < '" + definition().string() + "'");
  EXPECT_EQ(set.exit_code, 0) << set.err;
}

TEST_F(ServerEnvironments, AreSetByThoseWhoAdministerTheRepository) {
  become("ann", "deployer");
  const std::vector<std::string> set = {"environment", "set",    "shop",
                                        "staging",     "--file", definition().string()};
  const Ran refused = run(set);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("ann has not the role admin on shop"));
  EXPECT_THAT(run({"environment", "remove", "shop", "staging"}).err,
              HasSubstr("ann has not the role admin on shop"));
  EXPECT_EQ(run({"environment", "show", "shop", "staging"}).exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
