// Who may do what on a server: users, groups and roles, by the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "tests/support/golden.h"
#include "tests/support/http/tcp.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace json = boost::json;
using support::eventually;
using support::matches_golden;
using support::Ran;
using support::Team;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kArtifact = R"toml(name = "shop"
[[stage]]
name = "build"
run = ["mkdir out", "echo v1 > out/app"]
artifacts = [{ name = "shop", paths = ["out/**"] }]
)toml";

std::string gated(const std::string& approvers) {
  return "name = \"shop\"\n[[stage]]\nname = \"go\"\nkind = \"approval\"\napprovers = [" +
         approvers + "]\n";
}

class TeamAccess : public Team {
 protected:
  // What has to work, as whoever calls.
  std::string done(const std::vector<std::string>& arguments) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit_code, 0) << testing::PrintToString(arguments) << ran.err;
    return ran.out;
  }
  std::string refused(const std::vector<std::string>& arguments) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit_code, 3) << testing::PrintToString(arguments) << ran.out;
    return ran.err;
  }
  void add_user(const std::string& name) {
    done({"user", "add", name});
    tokens_[name] = done({"token", "add", name + "-laptop", "--user", name, "--scope", "admin"});
  }

  // Commands are called as that user until the object goes.
  class AsUser {
   public:
    AsUser(TeamAccess& team, const std::string& name)
        : team_(team), before_(team.product_.env()["PIPELINE_TOKEN"]) {
      team.product_.env()["PIPELINE_TOKEN"] = team.tokens_.at(name);
    }
    ~AsUser() { team_.product_.env()["PIPELINE_TOKEN"] = before_; }
    AsUser(const AsUser&) = delete;
    AsUser& operator=(const AsUser&) = delete;

   private:
    TeamAccess& team_;
    std::string before_;
  };

  // The status and body of a raw request.
  std::pair<unsigned, std::string> ask(const std::string& method, const std::string& path,
                                       const std::string& body = "") {
    const auto fd = support::connect_to("127.0.0.1", port());
    support::send_all(fd.get(), method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: " +
                                    "Bearer " + token() + "\r\nConnection: close\r\n" +
                                    "Content-Type: application/json\r\nContent-Length: " +
                                    std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string buffer;
    support::HttpMessage message;
    if (!support::read_message(fd.get(), buffer, message)) return {0, ""};
    return {static_cast<unsigned>(std::stoul(message.head.substr(9, 3))), message.body};
  }

  // What stands for a {name} of the path.
  static const char* part_for(const std::string& path) {
    return path.starts_with("/git/") ? "shop/info/refs?service=git-upload-pack" : "1";
  }

  std::map<std::string, std::string> tokens_;
};

TEST_F(TeamAccess, PeopleGroupsAndRolesAreKeptAndListed) {
  EXPECT_TRUE(matches_golden("e2e/access_user_add.txt", done({"user", "add", "ann"})));
  done({"user", "add", "bob"});
  done({"group", "add", "release"});
  EXPECT_EQ(done({"group", "add-member", "release", "ann"}), "ann is in release\n");
  EXPECT_EQ(done({"role", "grant", "ann", "viewer", "--repo", "*"}),
            "ann is viewer of all repositories\n");
  EXPECT_EQ(
      done({"role", "grant", "group:release", "deployer", "--repo", "shop", "--env", "staging"}),
      "group:release is deployer of shop, environment staging\n");
  EXPECT_THAT(done({"user", "list"}), HasSubstr("ann   release"));
  EXPECT_THAT(done({"group", "list", "--json"}), HasSubstr(R"("members":["ann"])"));
  EXPECT_TRUE(matches_golden("e2e/access_role_list.txt", done({"role", "list"})));
  EXPECT_THAT(refused({"user", "add", "ann"}), HasSubstr("there is a user \"ann\""));
  EXPECT_THAT(refused({"user", "add", "builders"}), HasSubstr("a service's token is called"));
  EXPECT_THAT(refused({"token", "add", "ann", "--scope", "read"}),
              HasSubstr("there is a user \"ann\", whose name this would be"));
  EXPECT_THAT(refused({"role", "grant", "eve", "viewer", "--repo", "shop"}),
              HasSubstr("there is no user \"eve\"\nhint: pipeline user add eve"));
  EXPECT_THAT(refused({"role", "grant", "ann", "viewer", "--repo", "blog"}),
              HasSubstr("there is no repository \"blog\""));
  EXPECT_EQ(run({"role", "grant", "ann", "owner", "--repo", "shop"}).exit_code, 2);
  EXPECT_EQ(run({"role", "grant", "ann", "viewer"}).exit_code, 2) << "where has to be said";
  EXPECT_EQ(run({"group", "add-member", "release"}).exit_code, 2);
  EXPECT_EQ(done({"role", "revoke", "ann", "--repo", "*"}),
            "ann has no role of its own in all repositories any more\n");
  EXPECT_THAT(refused({"role", "revoke", "ann", "--repo", "*"}), HasSubstr("has no role there"));
  done({"user", "remove", "ann"});
  EXPECT_THAT(done({"group", "list", "--json"}), HasSubstr(R"("members":[])"));
  EXPECT_THAT(done({"audit"}), HasSubstr("deployer of shop, environment staging: group:release"));
}

TEST_F(TeamAccess, WhoHasNoRoleSeesNothing) {
  push(kArtifact);
  start_agent("a");
  done({"run", "--repo", "shop"});
  add_user("eve");
  const AsUser eve(*this, "eve");
  EXPECT_TRUE(matches_golden("e2e/access_whoami_nothing.txt", done({"whoami"})));
  EXPECT_THAT(done({"runs", "--json"}), Not(HasSubstr("\"run\"")));
  EXPECT_EQ(done({"repo", "list", "--json"}), "");
  EXPECT_EQ(done({"schedules", "--json"}), "");
  EXPECT_EQ(done({"status", "--json"}), "");
  EXPECT_EQ(done({"toggle", "list", "--json"}), "");
  EXPECT_THAT(refused({"run", "--repo", "shop"}), HasSubstr("there is no repository \"shop\""));
  const std::string unknown = run({"show", "7"}).err;
  EXPECT_EQ(run({"show", "1"}).err, std::string(unknown).replace(unknown.find('7'), 1, "1"))
      << "as if there were none";
  EXPECT_THAT(refused({"token", "list"}),
              HasSubstr("eve has not the role admin on all repositories\n"
                        "hint: an admin gives it: pipeline role grant eve admin --repo '*'"));
  EXPECT_NE(product_
                .shell("git -c credential.helper= ls-remote http://any:" + token() +
                       "@127.0.0.1:" + std::to_string(port()) + "/git/shop")
                .exit_code,
            0);
}

// Whatever there is, also what comes to be there after this was written.
TEST_F(TeamAccess, NoEndpointAnswersSomebodyWithoutARole) {
  push(kArtifact);
  add_user("eve");
  const json::value document =
      json::parse(product_.shell("curl --silent " + url() + "/api/v1/openapi.json").out);
  const AsUser eve(*this, "eve");
  // What is everybody's own, and lists that have nothing in them.
  const std::set<std::string> open = {"GET /api/v1/me",
                                      "DELETE /api/v1/me/token",
                                      "GET /api/v1/runs",
                                      "GET /api/v1/repositories",
                                      "GET /api/v1/schedules",
                                      "GET /api/v1/environments",
                                      "GET /api/v1/pull-requests",
                                      "GET /api/v1/toggles"};
  std::size_t asked = 0;
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      std::string verb(method);
      std::ranges::transform(verb, verb.begin(), ::toupper);
      if (!operation.as_object().contains("x-scope") || open.contains(verb + " " + path.data()))
        continue;
      std::string address(path);
      for (auto at = address.find('{'); at != std::string::npos; at = address.find('{'))
        address.replace(at, address.find('}') - at + 1, part_for(address));
      const auto [status, body] = ask(verb, address, verb == "POST" ? "{}" : "");
      EXPECT_TRUE(status == 403 || status == 404 || status == 400 || status == 422)
          << verb << " " << path << ": " << status << " " << body;
      ++asked;
    }
  }
  EXPECT_GT(asked, 30U);
}

TEST_F(TeamAccess, ARoleOfOneRepositoryIsNoneOfAnother) {
  push(kArtifact);
  start_agent("a");
  done({"repo", "add", "blog"});
  done({"run", "--repo", "shop"});
  const std::string listed = done({"artifacts", "1"});
  const std::string digest = listed.substr(listed.find("shop@") + 5, 64);
  for (const char* name : {"ann", "bob"}) add_user(name);
  done({"role", "grant", "ann", "viewer", "--repo", "shop"});
  done({"role", "grant", "bob", "admin", "--repo", "blog"});
  {
    const AsUser ann(*this, "ann");
    EXPECT_THAT(done({"whoami"}), HasSubstr("roles:  viewer of shop\n"));
    EXPECT_THAT(done({"runs", "--json"}), HasSubstr("\"run\":1,"));
    EXPECT_THAT(done({"logs", "1", "build"}), testing::IsEmpty());
    EXPECT_EQ(run({"artifacts", "get", "1", "shop", "--to", "got"}).exit_code, 0);
    EXPECT_EQ(ask("GET", "/api/v1/artifacts/" + digest).first, 404U) << "of nothing she names";
    EXPECT_EQ(ask("GET", "/api/v1/artifacts/" + std::string(64, 'a') + "?run=1").first, 404U);
    EXPECT_THAT(refused({"run", "--repo", "shop"}),
                HasSubstr("ann has not the role runner on shop\n"
                          "hint: an admin gives it: pipeline role grant ann runner --repo shop"));
    EXPECT_THAT(refused({"retry", "1"}), HasSubstr("has not the role runner on shop"));
    EXPECT_THAT(refused({"cancel", "1"}), HasSubstr("has not the role runner on shop"));
    EXPECT_EQ(product_
                  .shell("git -c credential.helper= push http://any:" + token() +
                         "@127.0.0.1:" + std::to_string(port()) + "/git/shop HEAD:other")
                  .exit_code,
              128);
  }
  {
    const AsUser bob(*this, "bob");
    EXPECT_THAT(done({"runs", "--json"}), Not(HasSubstr("\"run\"")));
    EXPECT_THAT(done({"repo", "list", "--json"}), HasSubstr("blog"));
    EXPECT_THAT(done({"repo", "list", "--json"}), Not(HasSubstr("shop")));
    EXPECT_EQ(ask("GET", "/api/v1/runs/1/events?follow=false").first, 404U);
    EXPECT_EQ(ask("GET", "/api/v1/runs/1/log?job=build").first, 404U);
    EXPECT_EQ(ask("GET", "/api/v1/artifacts/" + digest + "?run=1").first, 404U);
    EXPECT_THAT(refused({"repo", "add", "more"}), HasSubstr("admin on all repositories"));
  }
  done({"role", "grant", "ann", "runner", "--repo", "shop"});
  const AsUser ann(*this, "ann");
  EXPECT_EQ(run({"retry", "1", "--stage", "build"}).exit_code, 0) << "from the next call on";
}

TEST_F(TeamAccess, AScopeIsNoMoreThanTheRoleAndARoleNoMoreThanTheScope) {
  push(kArtifact);
  add_user("ann");
  done({"role", "grant", "ann", "admin", "--repo", "*"});
  tokens_["ann"] = done({"token", "add", "ann-ci", "--user", "ann", "--scope", "read"});
  const AsUser ann(*this, "ann");
  EXPECT_EQ(run({"runs"}).exit_code, 0);
  EXPECT_THAT(refused({"run", "--repo", "shop"}), HasSubstr("has not the scope run"));
  EXPECT_THAT(refused({"user", "list"}), HasSubstr("has not the scope admin"));
}

TEST_F(TeamAccess, ApprovalsAreHeldAgainstPeopleAndTheirGroups) {
  push(gated(R"("user:ann", "group:release")"));
  start_agent("a");
  for (const char* name : {"ann", "bob", "eve"}) {
    add_user(name);
    done({"role", "grant", name, name == std::string("eve") ? "runner" : "approver", "--repo",
          "shop"});
  }
  done({"group", "add", "release"});
  done({"run", "--repo", "shop", "--detach"});
  ASSERT_TRUE(eventually([&] {
    return run({"show", "1"}).out.find("pipeline approve") != std::string::npos;
  }));
  EXPECT_TRUE(matches_golden("e2e/access_approve_service.txt", refused({"approve", "1", "go"})));
  {
    const AsUser bob(*this, "bob");
    EXPECT_THAT(refused({"approve", "1", "go"}), HasSubstr("bob may not decide on go"));
  }
  done({"group", "add-member", "release", "bob"});
  done({"group", "add-member", "release", "eve"});
  {
    const AsUser eve(*this, "eve");
    EXPECT_THAT(refused({"approve", "1", "go"}), HasSubstr("eve has not the role approver on shop"))
        << "a pipeline file gives nobody a right";
  }
  const AsUser bob(*this, "bob");
  done({"approve", "1", "go"});
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  EXPECT_THAT(done({"show", "1", "--json"}), HasSubstr("approved by bob"));
}

TEST_F(TeamAccess, WhatIsTakenAwayIsGoneAtOnce) {
  push(kArtifact);
  add_user("ann");
  done({"group", "add", "readers"});
  done({"group", "add-member", "readers", "ann"});
  done({"role", "grant", "group:readers", "viewer", "--repo", "shop"});
  const auto sees = [&] {
    const AsUser ann(*this, "ann");
    return run({"repo", "list", "--json"}).out.find("shop") != std::string::npos;
  };
  EXPECT_TRUE(sees());
  done({"group", "remove-member", "readers", "ann"});
  EXPECT_FALSE(sees());
  done({"group", "add-member", "readers", "ann"});
  EXPECT_TRUE(sees());
  done({"user", "remove", "ann"});
  const AsUser ann(*this, "ann");
  EXPECT_THAT(refused({"whoami"}), HasSubstr("this token is not valid"));
}

}  // namespace
}  // namespace pipeline::e2e
