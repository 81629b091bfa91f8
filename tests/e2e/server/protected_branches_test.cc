// Branches of a hosted repository that are protected, and pushes to them by the real git.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using support::eventually;
using support::Ran;
using support::Team;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ProtectedBranches : public Team {
 protected:
  // A pipeline that runs when anything is pushed, and ends as the command does.
  static std::string pipeline(const std::string& command) {
    return "name = \"shop\"\n[triggers]\npush = [\"**\"]\n[[stage]]\nname = \"unit\"\nrun = '''\n" +
           command + "\n'''\n";
  }
  // One that waits for the door, which the test opens.
  std::string waiting_pipeline() const {
    return pipeline("while ! test -e " + (door() / "open").string() + "; do sleep 0.05; done") +
           "sandbox = { readable = [\"" + door().string() + "\"] }\n";
  }
  std::filesystem::path door() const { return product_.root() / "door"; }
  void open_door() { std::ofstream(door() / "open") << "open"; }

  void commit(const std::string& pipeline) {
    product_.write("pipeline.toml", pipeline);
    product_.write("change", std::to_string(++changes_));
    product_.commit();
  }
  // What git says of `git push … ARGUMENTS`.
  Ran git_push(const std::string& arguments) {
    Ran ran =
        product_.shell("git -c credential.helper= push http://any:" + token() +
                       "@127.0.0.1:" + std::to_string(port()) + "/git/shop " + arguments + " 2>&1");
    return ran;
  }
  std::string head() {
    std::string id = product_.git({"rev-parse", "HEAD"});
    id.erase(id.find_last_not_of('\n') + 1);
    return id;
  }
  // Where a branch of the server's is; empty: there is none.
  std::string branch(const std::string& name) {
    std::string id = product_
                         .shell("git --git-dir='" + repository() +
                                "' rev-parse --quiet --verify refs/heads/" + name)
                         .out;
    id.erase(id.find_last_not_of('\n') + 1);
    return id;
  }
  std::string kept_aside() {
    return product_.shell("git --git-dir='" + repository() + "' for-each-ref refs/pipeline").out;
  }
  std::string repository() const { return (server_home() / "repositories/shop.git").string(); }
  std::string runs() { return run({"runs", "--all", "--json"}).out; }
  void protect(std::vector<std::string> how) {
    std::vector<std::string> words = {"repo", "protect", "shop"};
    words.insert(words.end(), how.begin(), how.end());
    const Ran done = run(words);
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }

  int changes_ = 0;
};

TEST_F(ProtectedBranches, MoveByFastForwardsAlone) {
  commit(pipeline("true"));
  ASSERT_EQ(git_push("HEAD:main HEAD:topic HEAD:stable").exit_code, 0);
  protect({"main", "--no-force"});
  protect({"stable"});
  const std::string first = head();
  commit(pipeline("true"));
  EXPECT_EQ(git_push("HEAD:main HEAD:topic").exit_code, 0);
  const std::string second = head();
  product_.git({"reset", "--quiet", "--hard", first});
  commit(pipeline("exit 0"));
  const Ran forced = git_push("--force HEAD:main");
  EXPECT_NE(forced.exit_code, 0);
  EXPECT_THAT(forced.out,
              AllOf(HasSubstr("remote: main is protected: this is no fast-forward of it"),
                    HasSubstr("[remote rejected] HEAD -> main")));
  const Ran deleted = git_push("--delete stable");  // of the head git says it
  EXPECT_NE(deleted.exit_code, 0);
  EXPECT_THAT(deleted.out, HasSubstr("remote: stable is protected: it is not deleted"));
  EXPECT_EQ(branch("main"), second);
  EXPECT_EQ(git_push("--force HEAD:topic").exit_code, 0) << "which nobody protects";
  EXPECT_EQ(git_push("--delete topic").exit_code, 0);
  ASSERT_EQ(run({"repo", "unprotect", "shop", "main"}).exit_code, 0);
  EXPECT_EQ(git_push("--force HEAD:main").exit_code, 0);
}

TEST_F(ProtectedBranches, AskForTheirRole) {
  commit(pipeline("true"));
  protect({"main", "--role", "deployer"});
  const std::string admin = product_.env()["PIPELINE_TOKEN"];
  EXPECT_EQ(run({"user", "add", "ann"}).exit_code, 0);
  EXPECT_EQ(run({"role", "grant", "ann", "runner", "--repo", "shop"}).exit_code, 0);
  product_.env()["PIPELINE_TOKEN"] =
      run({"token", "add", "ann-laptop", "--user", "ann", "--scope", "admin"}).out;
  EXPECT_THAT(git_push("HEAD:main").out,
              AllOf(HasSubstr("remote: main is protected: ann has not the role deployer on shop"),
                    HasSubstr("pipeline role grant ann deployer --repo shop")));
  EXPECT_EQ(git_push("HEAD:topic").exit_code, 0);
  EXPECT_THAT(run({"repo", "unprotect", "shop", "main"}).err,
              HasSubstr("ann has not the role admin on shop"));
  product_.env()["PIPELINE_TOKEN"] = admin;
  {
    const As service(*this, "service", "run");
    EXPECT_THAT(git_push("HEAD:main").out,
                HasSubstr("pushing to it takes a token with the scope deploy"));
  }
  EXPECT_EQ(run({"role", "grant", "ann", "deployer", "--repo", "shop"}).exit_code, 0);
  product_.env()["PIPELINE_TOKEN"] =
      run({"token", "add", "ann-desk", "--user", "ann", "--scope", "admin"}).out;
  EXPECT_EQ(git_push("HEAD:main").exit_code, 0);
  product_.env()["PIPELINE_TOKEN"] = admin;
}

TEST_F(ProtectedBranches, MoveWhenTheirRunHasSucceeded) {
  std::filesystem::create_directory(door());
  protect({"main", "--wait-for-pipeline"});
  start_agent("a");
  commit(waiting_pipeline());
  const Ran pushed = git_push("HEAD:main");
  EXPECT_NE(pushed.exit_code, 0);
  EXPECT_THAT(pushed.out,
              AllOf(HasSubstr("remote: main is protected: run 1 decides"),
                    HasSubstr("follow it by pipeline logs 1 --follow --server " + url()),
                    HasSubstr("[remote rejected] HEAD -> main")));
  EXPECT_EQ(branch("main"), "");
  EXPECT_NE(kept_aside(), "");
  // Nobody else sees what is kept aside, or moves it.
  EXPECT_EQ(product_
                .shell("git -c credential.helper= ls-remote http://any:" + token() +
                       "@127.0.0.1:" + std::to_string(port()) + "/git/shop")
                .out,
            "");
  EXPECT_THAT(git_push("HEAD:refs/pipeline/waiting/7").out, HasSubstr("hidden ref"));
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("run 1 decides")) << "said again";
  open_door();
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return branch("main") == head(); }));
  EXPECT_TRUE(eventually([&] { return kept_aside().empty(); }));
  EXPECT_THAT(runs(), Not(HasSubstr("\"run\":2"))) << "it has had its run";
  EXPECT_EQ(git_push("HEAD:main").exit_code, 0) << "there is nothing to push any more";
}

TEST_F(ProtectedBranches, StayWhenTheirRunHasFailed) {
  commit(pipeline("true"));
  ASSERT_EQ(git_push("HEAD:main").exit_code, 0);
  const std::string first = head();
  protect({"main", "--wait-for-pipeline"});
  start_agent("a");
  commit(pipeline("exit 3"));
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("run 2 decides"));
  EXPECT_EQ(run({"attach", "2"}).exit_code, 1);
  EXPECT_TRUE(eventually([&] { return kept_aside().empty(); }));
  EXPECT_EQ(branch("main"), first);
  EXPECT_THAT(server_said(), HasSubstr("is not taken: run 2 failed"));
  // Retried or not: whoever wants it pushes it again.
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("run 3 decides"));
  EXPECT_EQ(run({"attach", "3"}).exit_code, 1);
  EXPECT_TRUE(eventually([&] { return kept_aside().empty(); }));
  EXPECT_EQ(branch("main"), first);
}

TEST_F(ProtectedBranches, StayWhenTheCommitIsNoFastForwardAnyMore) {
  std::filesystem::create_directory(door());
  commit(pipeline("true"));
  ASSERT_EQ(git_push("HEAD:main").exit_code, 0);
  const std::string first = head();
  protect({"main", "--wait-for-pipeline"});
  start_agent("a");
  commit(waiting_pipeline());
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("run 2 decides"));
  // Somebody else is faster.
  product_.git({"reset", "--quiet", "--hard", first});
  ASSERT_EQ(run({"repo", "unprotect", "shop", "main"}).exit_code, 0);
  commit(pipeline("exit 0"));
  ASSERT_EQ(git_push("HEAD:main").exit_code, 0);
  const std::string theirs = head();
  open_door();
  EXPECT_EQ(run({"attach", "2"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return kept_aside().empty(); }));
  EXPECT_EQ(branch("main"), theirs);
  EXPECT_THAT(server_said(), HasSubstr("no fast-forward of it any more"));
}

TEST_F(ProtectedBranches, WhatWaitsSurvivesTheServer) {
  std::filesystem::create_directory(door());
  protect({"main", "--wait-for-pipeline"});
  start_agent("a");
  commit(waiting_pipeline());
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("run 1 decides"));
  kill_server();
  open_door();
  start_server();
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return branch("main") == head(); }));
  EXPECT_TRUE(eventually([&] { return kept_aside().empty(); }));
  EXPECT_THAT(runs(), Not(HasSubstr("\"run\":2")));
}

// As a server leaves it that is killed between the branch's move and the word that it is done.
TEST_F(ProtectedBranches, OneThatHasMovedAlreadyStartsNoFurtherRun) {
  std::filesystem::create_directory(door());
  protect({"main", "--wait-for-pipeline"});
  start_agent("a");
  commit(waiting_pipeline());
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("run 1 decides"));
  kill_server();
  product_.shell("git --git-dir='" + repository() + "' update-ref refs/heads/main " + head());
  open_door();
  start_server();
  EXPECT_EQ(run({"attach", "1"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return kept_aside().empty(); }));
  EXPECT_EQ(branch("main"), head());
}

TEST_F(ProtectedBranches, WhatStartsNoRunIsRefused) {
  protect({"main", "--wait-for-pipeline"});
  commit("name = \"shop\"\n[[stage]]\nname = \"unit\"\nrun = \"true\"\n");
  EXPECT_THAT(
      git_push("HEAD:main").out,
      AllOf(HasSubstr("remote: main is protected: no pipeline of this commit runs when it is "
                      "pushed there, so nothing could decide"),
            HasSubstr("push = [\"main\"]")));
  commit(pipeline("true") + "nonsense = 1\n");
  EXPECT_THAT(git_push("HEAD:main").out, HasSubstr("pipeline.toml has 1 problem"));
  EXPECT_EQ(branch("main"), "");
  EXPECT_EQ(kept_aside(), "");
}

TEST_F(ProtectedBranches, AreListed_AndHooksOfTheRepositoryGoOn) {
  protect({"release/*", "--allow-force"});
  protect({"main", "--wait-for-pipeline"});
  EXPECT_THAT(run({"repo", "list"}).out, HasSubstr("main (waits for its pipeline), release/*"));
  EXPECT_THAT(run({"repo", "list", "--json"}).out, HasSubstr(R"("branches":"release/*")"));
  EXPECT_THAT(run({"repo", "unprotect", "shop", "nowhere"}).err,
              HasSubstr("no branches are protected by the pattern \"nowhere\""));
  EXPECT_THAT(run({"repo", "protect", "shop", "["}).err, HasSubstr("pattern"));
  EXPECT_EQ(
      run({"repo", "protect", "shop", "main", "--wait-for-pipeline", "--allow-force"}).exit_code,
      2);
  EXPECT_THAT(run({"audit"}).out, HasSubstr("POST /api/v1/repositories/shop/protections"));
  product_.shell("printf '#!/bin/sh\\necho own $1\\n' > '" + repository() +
                 "/hooks/update'; chmod +x '" + repository() + "/hooks/update'");
  commit(pipeline("true"));
  EXPECT_THAT(git_push("HEAD:topic").out, HasSubstr("remote: own refs/heads/topic"));
}

}  // namespace
}  // namespace pipeline::e2e
