#include "runner/forge/commit_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace pipeline::forge {
namespace {

namespace json = boost::json;
using testing::Contains;
using testing::Pair;

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

// The states that each API documents.
TEST(CommitStatus, HasTheWordsOfEachForge) {
  constexpr std::array kStates = {CommitState::pending, CommitState::running,
                                  CommitState::success, CommitState::failure,
                                  CommitState::error,   CommitState::cancelled};
  const std::array hub = {"pending", "pending", "success", "failure", "error", "error"};
  const std::array gitlab = {"pending", "running", "success", "failed", "failed", "canceled"};
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    for (const Forge forge : {Forge::github, Forge::gitea, Forge::forgejo})
      EXPECT_EQ(word_of(forge, kStates.at(i)), hub.at(i));
    EXPECT_EQ(word_of(Forge::gitlab, kStates.at(i)), gitlab.at(i));
  }
}

TEST(CommitStatus, GoesToWhereTheRepositoryIs) {
  struct Case {
    Forge forge;
    const char* url;
    std::optional<std::string> api;
    std::string target;
  };
  std::string end = "/statuses/";
  end.append(kCommit);
  const std::vector<Case> cases = {
      {Forge::github,
       "https://github.com/acme/shop.git",
       {},
       "https://api.github.com/repos/acme/shop" + end},
      {Forge::github,
       "https://x:y@ghe.example.org/acme/shop/",
       {},
       "https://ghe.example.org/api/v3/repos/acme/shop" + end},
      {Forge::gitlab,
       "https://gitlab.com/a/b/shop.git",
       {},
       "https://gitlab.com/api/v4/projects/a%2Fb%2Fshop" + end},
      {Forge::gitea,
       "http://127.0.0.1:3000/acme/shop",
       {},
       "http://127.0.0.1:3000/api/v1/repos/acme/shop" + end},
      {Forge::forgejo,
       "https://codeberg.org/acme/a b",
       {},
       "https://codeberg.org/api/v1/repos/acme/a%20b" + end},
      {Forge::gitea, "https://git.example.org/acme/shop", "https://example.org/gitea/api/v1/",
       "https://example.org/gitea/api/v1/repos/acme/shop" + end}};
  for (const Case& one : cases) {
    const auto place = place_of(one.forge, one.url, one.api);
    ASSERT_TRUE(place) << one.url;
    EXPECT_EQ(url_of(one.forge, *place, kCommit), one.target);
  }
  for (const char* url :
       {"/srv/git/shop", "file:///srv/shop", "https://host/shop", "git://h/a/b", ""})
    EXPECT_FALSE(place_of(Forge::github, url, {})) << url;
}

TEST(CommitStatus, SaysWhatTheApiTakes) {
  const CommitStatus status{.state = CommitState::failure,
                            .context = "pipeline/shop",
                            .description = "run 41 failed: \x1b[31m" + std::string(300, 'x'),
                            .link = "https://ci.example.org/api/v1/runs/41",
                            .branch = "main"};
  const auto github = json::parse(body_of(Forge::github, status)).as_object();
  EXPECT_EQ(github.size(), 4U);
  EXPECT_EQ(github.at("state"), "failure");
  EXPECT_EQ(github.at("context"), "pipeline/shop");
  EXPECT_EQ(github.at("target_url"), "https://ci.example.org/api/v1/runs/41");
  EXPECT_LE(github.at("description").as_string().size(), 142U);  // its ellipsis has three bytes
  const auto gitlab = json::parse(body_of(Forge::gitlab, status)).as_object();
  EXPECT_EQ(gitlab.at("state"), "failed");
  EXPECT_EQ(gitlab.at("name"), "pipeline/shop");
  EXPECT_EQ(gitlab.at("ref"), "main");
  EXPECT_FALSE(gitlab.contains("context"));
}

TEST(CommitStatus, ShowsTheTokenAsEachForgeWantsIt) {
  EXPECT_THAT(fields_of(Forge::github, "t"), Contains(Pair("Authorization", "Bearer t")));
  EXPECT_THAT(fields_of(Forge::gitlab, "t"), Contains(Pair("PRIVATE-TOKEN", "t")));
  EXPECT_THAT(fields_of(Forge::gitea, "t"), Contains(Pair("Authorization", "token t")));
  EXPECT_THAT(fields_of(Forge::forgejo, "t"), Contains(Pair("Authorization", "token t")));
}

TEST(CommitStatus, AMessageThatCameTwiceIsNoFailure) {
  const char* said = R"({"message":"Cannot transition status via :enqueue from :pending"})";
  EXPECT_TRUE(says_known(Forge::gitlab, 400, said));
  EXPECT_FALSE(says_known(Forge::gitlab, 400, "{}"));
  EXPECT_FALSE(says_known(Forge::github, 400, said));
}

}  // namespace
}  // namespace pipeline::forge
