// How people log in to a server: through a real identity provider, or with a token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "tests/support/golden.h"
#include "tests/support/oidc_provider/oidc_provider.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::matches_golden;
using support::OidcProvider;
using support::Ran;
using support::Running;
using support::Team;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAnn = R"({"4711":{"preferred_username":"ann","groups":["release","ops"]}})";
constexpr const char* kCallback = "/api/v1/login/oidc/callback";

class TeamLogin : public Team {
 protected:
  void SetUp() override {
    if (const auto why = OidcProvider::why_missing()) GTEST_SKIP() << *why;
    provider_ = std::make_unique<OidcProvider>(product_, url() + kCallback);
    stop_server();
    start_server({"--oidc-issuer", provider_->issuer(), "--oidc-client-id", OidcProvider::kClient,
                  "--oidc-client-secret-file", provider_->secret_file().string(), "--oidc-scope",
                  "groups"});
    provider_->knows(kAnn);
    provider_->sits_there("4711");
    product_.env()["XDG_CONFIG_HOME"] = (product_.root() / "config").string();
  }

  // Whoever has logged in needs no other token.
  void as_whoever_logged_in() { product_.env().erase("PIPELINE_TOKEN"); }
  std::filesystem::path kept() const {
    return product_.root() / "config" / "pipeline" / "credentials.json";
  }
  // The address that somebody is told to open.
  static std::string address_in(const Running& login) {
    EXPECT_TRUE(eventually([&] { return login.err().find("\n\n  http") != std::string::npos; }))
        << login.err();
    const std::string said = login.err();
    const auto begin = said.find("http");
    return said.substr(begin, said.find('\n', begin) - begin);
  }
  // What the browser shows, and what the command line says then.
  std::pair<std::string, Ran> log_in() {
    Running login = start({"login"});
    const std::string page = provider_->browse(address_in(login)).out;
    return {page, login.wait()};
  }
  Ran curl(const std::string& options) {
    return product_.shell("curl --silent --max-time 60 " + options);
  }

  std::unique_ptr<OidcProvider> provider_;
};

TEST_F(TeamLogin, ABrowserLogsACommandLineIn) {
  EXPECT_EQ(run({"group", "add", "release"}).exit_code, 0);
  EXPECT_EQ(run({"role", "grant", "group:release", "viewer", "--repo", "shop"}).exit_code, 0);
  const std::string admin = product_.env()["PIPELINE_TOKEN"];
  as_whoever_logged_in();
  EXPECT_TRUE(matches_golden("e2e/login_needed.txt", normalised(run({"runs"}).err)));
  const auto [page, ran] = log_in();
  EXPECT_EQ(page, "You are logged in. This window can be closed.\n");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "logged in to " + url() + " as ann\n");
  struct stat status {};
  ASSERT_EQ(::stat(kept().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(host::read_file(kept()).value(), HasSubstr(url()));
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("pipeline_"))) << "nobody is shown the token";
  EXPECT_TRUE(matches_golden("e2e/login_whoami.txt", normalised(run({"whoami"}).out)));
  EXPECT_THAT(run({"repo", "list"}).out, HasSubstr("shop"));
  EXPECT_EQ(run({"runs"}).exit_code, 0);
  const std::string session = host::read_file(kept()).value();
  product_.env()["PIPELINE_TOKEN"] = admin;
  EXPECT_THAT(run({"token", "list", "--json"}).out, HasSubstr(R"("user":"ann","session":true)"));
  EXPECT_THAT(run({"user", "list"}).out, HasSubstr("4711"));
  EXPECT_THAT(run({"audit"}).out, HasSubstr("session ann.session-"));
  as_whoever_logged_in();
  EXPECT_EQ(run({"logout"}).out, "logged out of " + url() + "\n");
  EXPECT_THAT(run({"logout"}).err, HasSubstr("you are not logged in to"));
  product_.write(kept(), session);
  ::chmod(kept().c_str(), 0600);
  EXPECT_THAT(run({"whoami"}).err, HasSubstr("this token is not valid")) << "the session ended";
}

TEST_F(TeamLogin, WhoTheProviderDoesNotKnowIsNobody) {
  provider_->sits_there("nobody");
  as_whoever_logged_in();
  const auto [page, ran] = log_in();
  EXPECT_THAT(page, HasSubstr("You are not logged in: the identity provider says: access_denied"));
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.err, HasSubstr("error: the identity provider says: access_denied\n"));
  EXPECT_FALSE(std::filesystem::exists(kept()));
}

TEST_F(TeamLogin, WhatTheProviderCallsSomebodyGivesNobodyAnothersName) {
  EXPECT_EQ(run({"user", "add", "ann"}).exit_code, 0);
  provider_->knows(R"({"4711":{"preferred_username":"ann"},"4712":{"preferred_username":"admin"},)"
                   R"("4713":{"preferred_username":"a/../b"},"4714":{}})");
  for (const auto& [subject, why] : std::map<std::string, std::string>{
           {"4711", "somebody else is called \"ann\" here already"},
           {"4712", "somebody else is called \"admin\" here already"},
           {"4713", "a/../b"},
           {"4714", "does not say what you are called"}}) {
    provider_->sits_there(subject);
    const auto [page, ran] = log_in();
    EXPECT_EQ(ran.exit_code, 3) << subject << ran.out;
    EXPECT_THAT(ran.err, HasSubstr(why)) << subject;
  }
  EXPECT_THAT(run({"audit"}).out, HasSubstr("somebody else is called"));
  // An admin says that it is she, whatever she is called there.
  EXPECT_EQ(run({"user", "remove", "ann"}).exit_code, 0);
  EXPECT_EQ(run({"user", "add", "ann", "--subject", "4714"}).exit_code, 0);
  provider_->sits_there("4714");
  EXPECT_EQ(log_in().second.out, "logged in to " + url() + " as ann\n");
}

TEST_F(TeamLogin, GroupsAreThoseOfTheLatestLogin) {
  for (const char* group : {"release", "support", "here"}) run({"group", "add", group});
  EXPECT_EQ(log_in().second.exit_code, 0);
  EXPECT_EQ(run({"group", "add-member", "here", "ann"}).exit_code, 0);
  EXPECT_THAT(run({"user", "list"}).out, HasSubstr("here, release"));
  provider_->knows(R"({"4711":{"preferred_username":"eve","groups":["support"]}})");
  EXPECT_THAT(log_in().second.out, HasSubstr("as ann\n")) << "she stays who she is here";
  EXPECT_THAT(run({"user", "list"}).out, HasSubstr("here, support"));
}

TEST_F(TeamLogin, ALoginIsOfWhoBeganIt) {
  const std::string start =
      "'" + url() + "/api/v1/login/oidc/start?state=s&code_challenge=" + std::string(43, 'a') +
      "&redirect=";
  for (const char* redirect :
       {"https://evil.example.org/", "http://evil.example.org/", "http://127.0.0.1.evil.org/",
        "http://localhost/", "http://127.0.0.1@evil.org/", "javascript:alert(1)", "",
        "http://127.0.0.1:1/%3Fx%23"})
    EXPECT_THAT(curl("--write-out '%{http_code}' " + start + redirect + "'").out,
                testing::EndsWith("422"))
        << redirect;
  EXPECT_THAT(curl("'" + url() + kCallback + "?code=x&state=unknown'").out,
              HasSubstr("this login is not known, or took too long"));
  const std::string token = "--request POST --header 'Content-Type: application/json' " + url() +
                            "/api/v1/login/oidc/token --data ";
  EXPECT_THAT(curl(token + R"('{"code":"x","code_verifier":"y"}')").out,
              HasSubstr("this login is not known"));
  // Whoever sees the code on its way has not what the command line keeps for itself.
  Running login = this->start({"login"});
  std::string address = address_in(login);
  const std::string port_before = "redirect=http%3A%2F%2F127.0.0.1%3A";
  const auto at = address.find(port_before) + port_before.size();
  address.replace(at, address.find('%', at) - at, "9");  // where nobody listens
  const std::string seen =
      product_
          .shell("curl --silent --location --cookie-jar " + (product_.root() / "jar").string() +
                 " --cookie " + (product_.root() / "jar").string() +
                 " --output /dev/null --write-out '%{url_effective}' '" + address + "'")
          .out;
  ASSERT_THAT(seen, HasSubstr("&code="));
  const std::string code = seen.substr(seen.find("&code=") + 6);
  EXPECT_THAT(curl(token + R"('{"code":")" + code + R"(","code_verifier":"guessed"}')").out,
              HasSubstr("this login is not known"));
  // What is not of this login does not end it.
  const std::string own = address_in(login);
  const auto from = own.find(port_before) + port_before.size();
  const std::string port = own.substr(from, own.find('%', from) - from);
  EXPECT_EQ(
      curl("--write-out '%{http_code}' 'http://127.0.0.1:" + port + "/done?state=other&code=x'")
          .out,
      "there is nothing here\n404");
  login.signal(SIGINT);
  EXPECT_EQ(login.wait().exit_code, 130);
}

TEST_F(TeamLogin, AProviderThatIsAwayIsSaid) {
  stop_server();
  start_server({"--oidc-issuer", "http://127.0.0.1:9", "--oidc-client-id", "pipeline"});
  Running login = start({"login"});
  EXPECT_THAT(provider_->browse(address_in(login)).out, HasSubstr("refused"));
  login.signal(SIGINT);
  login.wait();
  EXPECT_EQ(product_
                .run({"serve", "--data", (product_.root() / "other").string(), "--oidc-issuer",
                      "https://id.example.org"})
                .exit_code,
            2);
}

class TeamToken : public Team {
 protected:
  void SetUp() override {
    product_.env()["XDG_CONFIG_HOME"] = (product_.root() / "config").string();
  }
};

TEST_F(TeamToken, IsKeptWhereThereIsNoProvider) {
  const auto file = server_home() / "admin.token";
  product_.env().erase("PIPELINE_TOKEN");
  const auto typed = product_.shell("'" + product_.program().string() + "' login --server " +
                                    url() + " < '" + file.string() + "'");
  EXPECT_EQ(typed.exit_code, 0) << typed.err;
  EXPECT_EQ(typed.out, "logged in to " + url() + " as admin\n");
  EXPECT_EQ(run({"repo", "list"}).exit_code, 0);
  EXPECT_THAT(run({"whoami"}).out, HasSubstr("admin, a token of a service\n"));
  EXPECT_EQ(run({"logout"}).exit_code, 0);
  EXPECT_EQ(run({"login", "--token-file", file.string()}).exit_code, 0);
  EXPECT_EQ(run({"whoami"}).exit_code, 0) << "a service's token goes on after a logout";
  const auto credentials = product_.root() / "config" / "pipeline" / "credentials.json";
  ::chmod(credentials.c_str(), 0644);
  EXPECT_THAT(run({"whoami"}).err, HasSubstr("is open to others than you"));
  std::filesystem::remove(credentials);
  product_.write("wrong.token", "pipeline_nothing\n");
  EXPECT_THAT(run({"login", "--token-file", "wrong.token"}).err,
              HasSubstr("this token is not valid"));
  EXPECT_FALSE(std::filesystem::exists(credentials)) << "what does not work is not kept";
}

}  // namespace
}  // namespace pipeline::e2e
