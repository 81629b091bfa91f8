// Git's own client against the server's repositories.
#include "runner/server/git/git_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "runner/server/api/router.h"
#include "stages/host/system_clock.h"
#include "stages/source/git_source.h"
#include "stages/source/refs.h"
#include "stages/source/tree_export.h"
#include "tests/support/git_repository.h"
#include "tests/support/running_server/running_server.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::server {
namespace {

using api::Caller;
using support::shell;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The token is the caller's name and its one scope.
std::optional<Caller> authenticate(std::string_view token) {
  const auto scope = api::scope_of(token);
  if (!scope) return std::nullopt;
  return Caller{std::string(token), {*scope}};
}

class GitEndpointsTest : public testing::Test {
 protected:
  GitEndpointsTest() {
    for (const char* name : {"repositories", "trees", "uploads"})
      std::filesystem::create_directory(directory_.path() / name);
    EXPECT_TRUE(install_hooks(directory_.path() / "hooks"));
    shell("git init --quiet --bare -b main " +
          (directory_.path() / "repositories/shop.git").string());
    repository_.write("a", std::string(200'000, 'x'));
    repository_.commit();
  }
  std::string url(const std::string& token, const std::string& path) const {
    return "http://any:" + token + "@127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  // What git says, whether it likes it or not.
  std::string git(const std::string& arguments) const {
    return shell("cd " + repository_.path().string() +
                 " && GIT_TERMINAL_PROMPT=0 git -c credential.helper= " + arguments +
                 " 2>&1 || true");
  }
  std::vector<std::string> pushes() const {
    const std::scoped_lock guard(mutex_);
    return pushes_;
  }

  support::TemporaryDirectory directory_;
  support::GitRepository repository_;
  host::SystemClock clock_;
  mutable std::mutex mutex_;
  std::vector<std::string> pushes_;
  std::vector<RefPush> asked_;
  RefAnswer answer_;  // to each of them
  worker::ThreadPool pool_;
  GitEndpoints git_{{.repositories = directory_.path() / "repositories",
                     .trees = directory_.path() / "trees",
                     .uploads = directory_.path() / "uploads",
                     .hooks = directory_.path() / "hooks"},
                    pool_,
                    [this](const std::string& name) {
                      const std::scoped_lock guard(mutex_);
                      pushes_.push_back(name);
                    },
                    [this](const RefPush& push) {
                      const std::scoped_lock guard(mutex_);
                      asked_.push_back(push);
                      return answer_;
                    }};
  api::Router router_{git_.endpoints(), &authenticate, clock_};
  http::RunningServer server_{router_};
};

TEST_F(GitEndpointsTest, WhatIsPushedCanBeCloned) {
  EXPECT_THAT(git("push " + url("run", "/git/shop") + " main"), HasSubstr("new branch"));
  EXPECT_THAT(pushes(), ElementsAre("shop"));
  const std::string clone = (directory_.path() / "clone").string();
  EXPECT_THAT(git("clone " + url("read", "/git/shop.git") + " " + clone), HasSubstr("Cloning"));
  EXPECT_EQ(shell("cd " + clone + " && git rev-parse HEAD"),
            shell("cd " + repository_.path().string() + " && git rev-parse HEAD"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path() / "uploads"));
}

TEST_F(GitEndpointsTest, ItIsAskedBeforeARefMoves) {
  EXPECT_THAT(git("push " + url("run", "/git/shop") + " main main:topic"), HasSubstr("new branch"));
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[0].repository, "shop");
  EXPECT_EQ(asked_[0].caller.name, "run");
  std::string head = shell("cd " + repository_.path().string() + " && git rev-parse HEAD");
  head.erase(head.find_last_not_of('\n') + 1);
  EXPECT_EQ(asked_[0].question, (RefQuestion{"refs/heads/main", "", head}));
  EXPECT_EQ(asked_[1].question.ref, "refs/heads/topic");
  git("push " + url("run", "/git/shop") + " --delete topic");
  EXPECT_EQ(asked_.back().question, (RefQuestion{"refs/heads/topic", head, ""}));
}

TEST_F(GitEndpointsTest, WhatIsNotTakenIsSaidAndKept) {
  answer_ = {.is_taken = false, .said = {"main is protected: run 12 decides", "follow it"}};
  const std::string said = git("push " + url("run", "/git/shop") + " main");
  EXPECT_THAT(said, HasSubstr("remote: main is protected: run 12 decides"));
  EXPECT_THAT(said, HasSubstr("remote: follow it"));
  EXPECT_THAT(said, HasSubstr("[remote rejected] main -> main (hook declined)"));
  const std::string shop = (directory_.path() / "repositories/shop.git").string();
  EXPECT_EQ(shell("ls " + shop + "/refs/heads"), "");
  EXPECT_EQ(shell("git --git-dir=" + shop + " cat-file -t $(cd " + repository_.path().string() +
                  " && git rev-parse HEAD)"),
            "commit");
}

TEST_F(GitEndpointsTest, HooksOfARepositoryGoOn) {
  const std::string hook =
      (directory_.path() / "repositories/shop.git/hooks/post-receive").string();
  shell("mkdir -p $(dirname " + hook + "); printf '#!/bin/sh\\nread line; echo own $line\\n' > " +
        hook + "; chmod +x " + hook);
  EXPECT_THAT(git("push " + url("run", "/git/shop") + " main"), HasSubstr("remote: own 0000"));
}

TEST_F(GitEndpointsTest, WhoPushedIsKept) {
  git("push " + url("run", "/git/shop") + " main");
  const std::string shop = (directory_.path() / "repositories/shop.git").string();
  std::string head = shell("git --git-dir=" + shop + " rev-parse main");
  head.erase(head.find_last_not_of('\n') + 1);
  EXPECT_EQ(source::moved_by(shop, "refs/heads/main", head), "run");
}

TEST_F(GitEndpointsTest, PushingTakesTheScope) {
  EXPECT_THAT(git("push " + url("read", "/git/shop") + " main"), HasSubstr("403"));
  EXPECT_THAT(git("push " + url("agent", "/git/shop") + " main"), HasSubstr("403"));
  EXPECT_THAT(git("push " + url("guess", "/git/shop") + " main"),
              HasSubstr("Authentication failed"));
  EXPECT_THAT(pushes(), IsEmpty());
  EXPECT_EQ(shell("ls " + (directory_.path() / "repositories/shop.git/refs/heads").string()), "");
}

TEST_F(GitEndpointsTest, OnlyRepositoriesThatAreHereAreServed) {
  for (const char* path : {"/git/blog", "/git/%2e%2e/shop", "/git/..%2fshop", "/git/shop/x"})
    EXPECT_THAT(git("ls-remote " + url("admin", path)),
                testing::AnyOf(HasSubstr("not found"), HasSubstr("error: 4")))
        << path;
}

TEST_F(GitEndpointsTest, FilesOfARepositoryAreNotServed) {
  git("push " + url("run", "/git/shop") + " main");
  const auto get = [&](const std::string& path) {
    return shell("curl --silent --output /dev/null --write-out '%{http_code}' " +
                 url("admin", path));
  };
  for (const char* path : {"/git/shop/HEAD", "/git/shop/config", "/git/shop/objects/info/packs",
                           "/git/shop/info/refs", "/git/shop"})
    EXPECT_EQ(get(path), "404") << path;
}

TEST_F(GitEndpointsTest, AgentsFetchTreesAndNothingElse) {
  const auto source =
      source::make_git_source(directory_.path() / "mirrors", directory_.path() / "work");
  const auto revision = source->snapshot(repository_.path()).value();
  const source::TreeExport exports(directory_.path() / "trees", directory_.path() / "mirrors");
  const std::string name = exports.publish(revision.repository, revision.tree).value();
  const auto there = source::make_git_source(directory_.path() / "there", directory_.path() / "w2");
  const auto fetched = there->fetch(url("agent", "/api/v1/trees/" + name), revision.tree, nullptr);
  ASSERT_TRUE(fetched) << fetched.error().to_string();
  EXPECT_EQ(fetched->tree, revision.tree);
  EXPECT_THAT(git("ls-remote " + url("read", "/api/v1/trees/" + name)), HasSubstr("403"));
  EXPECT_THAT(git("ls-remote " + url("agent", "/git/shop")), HasSubstr("403"));
  EXPECT_THAT(git("push " + url("agent", "/api/v1/trees/" + name) + " main"), HasSubstr("403"));
}

}  // namespace
}  // namespace pipeline::server
