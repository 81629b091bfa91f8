// Feature toggles of a deployed release: served to real OpenFeature providers, set by an operator.
// Real HAProxy, real instances; npm, where it is there.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "tests/e2e/cli/deploy_fixture.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace fs = std::filesystem;
using support::eventually;
using support::Ran;
using support::Team;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFlags = R"({"flags": {
  "new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false},
                   "defaultVariant": "off", "metadata": {"owner": "shop", "expiry": "2099-01-31"},
                   "targeting": {"if": [{"==": [{"var": "targetingKey"}, "ann"]}, "on"]}},
  "banner": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
  "split": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
            "targeting": {"fractional": [["on", 50], ["off", 50]]}}}})";

class TeamFlags : public Team {
 protected:
  void SetUp() override {
    if (::access("/usr/sbin/haproxy", X_OK) != 0) GTEST_SKIP() << "haproxy is not installed";
    product_.write("server/server.py", kServer);
    product_.write("smoke.py", kSmoke);
    product_.write("flags.json", kFlags);
    start_agent("a");
  }
  void TearDown() override { run_beside({"stop", "shop/staging"}); }

  Ran deploy(const std::string& content, const std::string& more = "") {
    product_.write("server/change", content);
    push(pipeline_file(port_, {.settings = "toggles = \"flags.json\"\n", .more = more}));
    return run({"run", "--repo", "shop"});
  }
  std::string add_token(const std::string& scope) {
    const std::string token = run({"token", "add", scope + "-token", "--scope", scope}).out;
    return token.substr(0, token.find('\n'));
  }
  std::string base() const { return url() + "/flags/shop/staging"; }
  // What curl prints: the body, a blank, the status.
  std::string asked(const std::string& path, const std::string& token,
                    const std::string& body = R"({"context":{"targetingKey":"ann"}})") {
    return product_
        .shell("curl -s -w ' %{http_code}' -H 'Authorization: Bearer " + token + "' -d '" + body +
               "' " + base() + path)
        .out;
  }
  bool serves(const std::string& flag, const std::string& token, const std::string& part) {
    return eventually([&] {
      return asked("/ofrep/v1/evaluate/flags/" + flag, token).find(part) != std::string::npos;
    });
  }

  const int port_ = first_port();
};

TEST_F(TeamFlags, AreThoseOfTheReleaseThatServes) {
  const std::string token = add_token("flags");
  const auto nothing = asked("/ofrep/v1/evaluate/flags/banner", token);
  EXPECT_THAT(nothing, HasSubstr("nothing was ever deployed to shop/staging")) << nothing;
  const auto first = deploy("one");
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_TRUE(serves("banner", token, R"("value":true,"variant":"on")"));
  product_.write("flags.json", R"({"flags": {}})");
  ASSERT_EQ(deploy("two").exit_code, 0);
  EXPECT_TRUE(serves("banner", token, "FLAG_NOT_FOUND"));
  ASSERT_EQ(run({"rollback", "staging"}).exit_code, 0);
  EXPECT_TRUE(serves("banner", token, "\"value\":true"));
}

// An application's token is good for nothing else.
TEST_F(TeamFlags, AreAllThatTheirTokenOpens) {
  ASSERT_EQ(deploy("one").exit_code, 0);
  const std::string token = add_token("flags");
  ASSERT_TRUE(serves("banner", token, "200"));
  const As application(*this, "app", "flags");
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"runs"},
           {"status"},
           {"toggle", "list"},
           {"toggle", "set", "banner", "off", "--env", "staging"}})
    EXPECT_THAT(run(command).err, HasSubstr("the token has not the scope ")) << command.front();
}

TEST_F(TeamFlags, AreSetByOneCommandThatOutlivesTheServer) {
  ASSERT_EQ(deploy("one").exit_code, 0);
  const std::string token = add_token("flags");
  ASSERT_TRUE(serves("new-checkout", token, "\"value\":true"));
  const auto set = run({"toggle", "set", "new-checkout", "off", "--env", "staging"});
  EXPECT_EQ(set.exit_code, 0) << set.err;
  EXPECT_EQ(without_server(set.out),
            "shop/staging: new-checkout is set to off, was as its file says\n"
            "pipeline toggle set new-checkout --clear --env shop/staging gives it back to its "
            "file\n");
  EXPECT_THAT(asked("/ofrep/v1/evaluate/flags/new-checkout", token), HasSubstr("\"value\":false"))
      << "when the command has ended it is done";
  EXPECT_THAT(run({"audit"}).out,
              HasSubstr("POST /api/v1/environments/shop/staging/toggles/new-checkout"));
  EXPECT_THAT(run({"audit", "--json"}).out, HasSubstr("off, was as its file says"));
  kill_server();
  start_server();
  EXPECT_THAT(asked("/ofrep/v1/evaluate/flags/new-checkout", token), HasSubstr("\"value\":false"));
  ASSERT_EQ(deploy("two").exit_code, 0) << "and every release";
  EXPECT_THAT(asked("/ofrep/v1/evaluate/flags/new-checkout", token), HasSubstr("\"value\":false"));
  const auto cleared = run({"toggle", "set", "new-checkout", "--clear", "--env", "staging"});
  EXPECT_EQ(cleared.out,
            "shop/staging: new-checkout is as its file says again, was set to off by admin\n");
  EXPECT_THAT(asked("/ofrep/v1/evaluate/flags/new-checkout", token), HasSubstr("\"value\":true"));
  EXPECT_EQ(run({"toggle", "set", "new-chekout", "off", "--env", "staging"}).exit_code, 2);
}

// The same commands on what the server keeps, beside it.
TEST_F(TeamFlags, AreShownAndSetBesideTheServer) {
  ASSERT_EQ(deploy("one").exit_code, 0);
  const std::string token = add_token("flags");
  ASSERT_TRUE(serves("banner", token, "\"value\":true"));
  ASSERT_EQ(run({"toggle", "set", "banner", "off", "--env", "staging"}).exit_code, 0);
  for (const auto& command : std::vector<std::vector<std::string>>{{"toggle", "list", "--json"},
                                                                   {"toggle", "list", "--env", "x"},
                                                                   {"toggle", "show", "nothing"}}) {
    const auto here = run_beside(command);
    const auto afar = run(command);
    EXPECT_EQ(without_server(afar.out), here.out);
    EXPECT_EQ(without_server(afar.err), here.err);
    EXPECT_EQ(afar.exit_code, here.exit_code);
  }
  EXPECT_THAT(run({"toggle", "show", "banner"}).out, HasSubstr("admin  off"));
  EXPECT_EQ(run_beside({"toggle", "set", "banner", "--clear", "--env", "shop/staging"}).exit_code,
            0);
  EXPECT_TRUE(serves("banner", token, "\"value\":true")) << "the server sees what others set";
}

TEST_F(TeamFlags, SetOnKeepTheToggleGateShut) {
  const std::string gate =
      "[[environment.staging.gate]]\nkind = \"toggle\"\noff = [\"new-checkout\"]\n";
  ASSERT_EQ(deploy("one", gate).exit_code, 0);
  ASSERT_EQ(run({"toggle", "set", "new-checkout", "on", "--env", "staging"}).exit_code, 0);
  const auto refused = deploy("two", gate);
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(refused.out, HasSubstr("new-checkout was set to on by admin"));
}

// ---- the real providers ------------------------------------------------------------------------

constexpr std::array kProviderFiles = {"package.json", "package-lock.json", "server.mjs",
                                       "web.mjs"};

// Where they are installed, once for all tests, from the lock beside this file; or why not.
base::Result<fs::path> providers() {
  const fs::path directory = OPENFEATURE_BUILD;
  const fs::path sources = OPENFEATURE_SOURCES;
  const fs::path stamp = directory / "installed";
  std::string wanted;
  for (const char* name : kProviderFiles) wanted += host::read_file(sources / name).value();
  std::error_code error;
  fs::create_directories(directory, error);
  PIPELINE_ASSIGN(const auto lock, host::open_file(directory / "lock", O_RDONLY | O_CREAT));
  ::flock(lock.get(), LOCK_EX);
  if (host::read_file(stamp).value_or("") == wanted) return directory;
  for (const char* name : kProviderFiles)
    fs::copy_file(sources / name, directory / name, fs::copy_options::overwrite_existing);
  const std::string command =
      "cd '" + directory.string() + "' && timeout 120 npm ci --no-audit --no-fund > npm.log 2>&1";
  // NOLINTNEXTLINE(cert-env33-c, concurrency-mt-unsafe): ours, and nobody else is there yet.
  if (std::system(command.c_str()) != 0)
    return base::fail(base::ErrorKind::unavailable,
                      "npm, or its registry, is not there: " +
                          host::read_file(directory / "npm.log").value_or("no npm"));
  PIPELINE_TRY(host::write_file(stamp, wanted));
  return directory;
}

class OpenFeature : public TeamFlags {
 protected:
  void SetUp() override {
    TeamFlags::SetUp();
    if (IsSkipped()) return;
    const auto installed = providers();
    if (!installed) GTEST_SKIP() << installed.error().to_string();
    programs_ = *installed;
    ASSERT_EQ(deploy("one").exit_code, 0);
    product_.env()["FLAGS_TOKEN"] = add_token("flags");
    ASSERT_TRUE(serves("banner", product_.env()["FLAGS_TOKEN"], "200"));
  }
  // What the server SDK tells of each line.
  std::vector<std::string> evaluated(const std::string& lines) {
    product_.write("keys", lines);
    const auto ran =
        product_.shell("node " + (programs_ / "server.mjs").string() + " " + base() + " < keys");
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    return base::split(ran.out, '\n');
  }

  fs::path programs_;
};

TEST_F(OpenFeature, TheServerProviderGetsValuesReasonsAndErrors) {
  const auto told =
      evaluated("new-checkout ann\nnew-checkout bob\nbanner\nsplit\nsplit ann\ngone ann\n");
  EXPECT_THAT(
      told,
      ElementsAre(
          R"({"key":"new-checkout","value":true,"variant":"on","reason":"TARGETING_MATCH"})",
          R"({"key":"new-checkout","value":false,"variant":"off","reason":"DEFAULT"})",
          R"({"key":"banner","value":true,"variant":"on","reason":"STATIC"})",
          R"({"key":"split","value":false,"reason":"ERROR","errorCode":"TARGETING_KEY_MISSING"})",
          HasSubstr(R"("reason":"TARGETING_MATCH"})"),
          R"({"key":"gone","value":false,"reason":"ERROR","errorCode":"FLAG_NOT_FOUND"})", ""));
  ASSERT_EQ(run({"toggle", "set", "new-checkout", "off", "--env", "staging"}).exit_code, 0);
  EXPECT_THAT(evaluated("new-checkout ann\n").front(), HasSubstr("\"value\":false"));
}

// As in a browser: told by the event stream, and told again by the next server.
TEST_F(OpenFeature, TheWebProviderHearsOfASettingAtOnce) {
  auto web = product_.start_program(
      "/usr/bin/env", {"node", (programs_ / "web.mjs").string(), base(), "new-checkout", "ann"});
  const auto says = [&](const std::string& text) {
    return eventually([&] { return web.out().ends_with(text); });
  };
  ASSERT_TRUE(says("ready true\n")) << web.out() << web.err();
  ASSERT_EQ(run({"toggle", "set", "new-checkout", "off", "--env", "staging"}).exit_code, 0);
  EXPECT_TRUE(says("changed false\n")) << web.out() << web.err();
  kill_server();
  start_server();
  ASSERT_EQ(run({"toggle", "set", "new-checkout", "--clear", "--env", "staging"}).exit_code, 0);
  EXPECT_TRUE(says("changed true\n")) << web.out() << web.err();
  web.signal(SIGTERM);
}

}  // namespace
}  // namespace pipeline::e2e
