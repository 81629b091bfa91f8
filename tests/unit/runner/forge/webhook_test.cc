// What forges send, as their documentation shows it, shortened: tests/golden/webhooks has a file a
// request, "<forge>-<event>[-<which>].json".
#include "runner/forge/webhook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/hmac.h"
#include "tests/support/golden.h"

namespace pipeline::forge {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

constexpr std::string_view kBefore = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
constexpr std::string_view kAfter = "76ae82c7b1a177c8d03f9e96e0adf2466113728f";
const std::string kSecret = "It's a Secret to Everybody";

using Fields = std::map<std::string, std::string, std::less<>>;

Webhook webhook_of(const Fields& fields, std::string_view body) {
  return {.field = [&fields](std::string_view name) -> std::optional<std::string_view> {
            const auto found = fields.find(name);
            if (found == fields.end()) return std::nullopt;
            return found->second;
          },
          .body = body};
}

std::string sample(const std::string& name) {
  return host::read_file(fs::path("tests/golden/webhooks") / (name + ".json")).value_or("");
}

// What is read in the sample, whose name says whose it is and which event.
base::Result<Notice> read(const std::string& name) {
  const auto words = base::split(name, '-');
  const Forge forge = forge_of(words.at(0)).value();
  const Fields fields = {{"Content-Type", "application/json"},
                         {"X-GitHub-Event", words.at(1)},
                         {"X-Gitea-Event", words.at(1)},
                         {"X-Forgejo-Event", words.at(1)}};
  return read_notice(forge, webhook_of(fields, sample(name)));
}

TEST(Webhook, SaysWhatEveryForgeTellsOf) {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator("tests/golden/webhooks"))
    if (file.path().extension() == ".json") names.insert(file.path().stem());
  EXPECT_GE(names.size(), 30U);
  std::string all;
  for (const std::string& name : names) {
    const auto notice = read(name);
    ASSERT_TRUE(notice) << name << ": " << notice.error().to_string();
    all += name + ": " + describe(*notice) + "\n";
  }
  EXPECT_TRUE(support::matches_golden("webhooks/notices.txt", all));
}

TEST(Webhook, APushHasItsCommits) {
  for (const char* name : {"github-push", "gitea-push", "forgejo-push", "gitlab-push"})
    EXPECT_EQ(*read(name), Notice(BranchPush{"main", std::string(kBefore), std::string(kAfter)}))
        << name;
  EXPECT_EQ(*read("github-push-tag"), Notice(TagPush{"v1.0", "", std::string(kAfter)}));
  EXPECT_EQ(*read("gitlab-push-deleted"), Notice(BranchPush{"topic", std::string(kBefore), ""}));
}

TEST(Webhook, APullRequestSaysWhereItComesFrom) {
  const auto of = [](const char* name) { return std::get<PullRequest>(read(name).value()); };
  EXPECT_EQ(of("github-pull_request-synchronize"),
            (PullRequest{.number = 2,
                         .change = PullRequestChange::updated,
                         .head = std::string(kAfter),
                         .branch = "topic",
                         .target = "main"}));
  for (const char* name :
       {"github-pull_request-fork", "github-pull_request-fork-gone", "gitea-pull_request-fork",
        "gitea-pull_request-agit", "gitlab-merge_request-fork"})
    EXPECT_TRUE(of(name).from_fork) << name;
  for (const char* name :
       {"github-pull_request-opened", "gitea-pull_request-opened", "gitlab-merge_request-open"})
    EXPECT_FALSE(of(name).from_fork) << name;
}

// What GitHub's documentation has for an example.
TEST(Webhook, TheSignatureIsOfTheRawBody) {
  const std::string body = "Hello, World!";
  const std::string digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const Fields github = {{"X-Hub-Signature-256", "sha256=" + digest}};
  EXPECT_TRUE(verify(Forge::github, webhook_of(github, body), kSecret));
  const Fields gitea = {{"X-Gitea-Signature", digest}};
  EXPECT_TRUE(verify(Forge::gitea, webhook_of(gitea, body), kSecret));
  const Fields forgejo = {{"X-Forgejo-Signature", digest}};
  EXPECT_TRUE(verify(Forge::forgejo, webhook_of(forgejo, body), kSecret));
  const Fields gitlab = {{"X-Gitlab-Token", kSecret}};
  EXPECT_TRUE(verify(Forge::gitlab, webhook_of(gitlab, body), kSecret));
}

TEST(Webhook, WhatIsNotSignedIsRefused) {
  const std::string body = "Hello, World!";
  const std::string digest = host::hmac_sha256(kSecret, body).hex();
  const auto refused = [](Forge forge, const Fields& fields, const std::string& text) {
    const auto verified = verify(forge, webhook_of(fields, text), kSecret);
    return !verified && verified.error().kind() == ErrorKind::permission;
  };
  for (const Forge forge : kForges) EXPECT_TRUE(refused(forge, {}, body));
  const Fields github = {{"X-Hub-Signature-256", "sha256=" + digest}};
  EXPECT_TRUE(refused(Forge::github, github, body + "\n"));
  // Each forge's own word for it, in its own form, and no other.
  EXPECT_TRUE(refused(Forge::gitea, github, body));
  EXPECT_TRUE(refused(Forge::github, {{"X-Hub-Signature-256", digest}}, body));
  EXPECT_TRUE(refused(Forge::github, {{"X-Hub-Signature-256", ""}}, body));
  EXPECT_TRUE(refused(Forge::gitea, {{"X-Gitea-Signature", digest.substr(1)}}, body));
  EXPECT_TRUE(refused(Forge::gitlab, {{"X-Gitlab-Token", digest}}, body));
}

TEST(Webhook, ADeliveryHasAnId) {
  const auto id = [](Forge forge, const Fields& fields) {
    return delivery_of(forge, webhook_of(fields, ""));
  };
  EXPECT_EQ(id(Forge::github, {{"X-GitHub-Delivery", "72d3162e"}}), "72d3162e");
  EXPECT_EQ(id(Forge::gitea, {{"X-Gitea-Delivery", "f6266f16"}}), "f6266f16");
  EXPECT_EQ(id(Forge::forgejo, {{"X-Forgejo-Delivery", "f6266f16"}}), "f6266f16");
  EXPECT_EQ(id(Forge::gitlab, {{"X-Gitlab-Event-UUID", "a"}}), "a");
  EXPECT_EQ(id(Forge::gitlab, {{"X-Gitlab-Event-UUID", "a"}, {"Idempotency-Key", "b"}}), "b");
  for (const std::string& bad : {std::string(), std::string("a b"), std::string(201, 'a')})
    EXPECT_EQ(id(Forge::github, {{"X-GitHub-Delivery", bad}}).error().kind(), ErrorKind::invalid);
  EXPECT_EQ(id(Forge::github, {}).error().kind(), ErrorKind::invalid);
}

TEST(Webhook, WhatNoForgeSendsIsRefused) {
  const Fields push = {{"X-GitHub-Event", "push"}};
  for (const char* body : {"", "[]", "{", "null", R"({"ref":3})", R"({"ref":"refs/heads/x"})",
                           R"({"ref":"refs/heads/x","before":"1","after":"2"})"})
    EXPECT_EQ(read_notice(Forge::github, webhook_of(push, body)).error().kind(), ErrorKind::invalid)
        << body;
  EXPECT_FALSE(read_notice(Forge::github, webhook_of({}, "{}")));
  const Fields form = {{"X-GitHub-Event", "push"},
                       {"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_TRUE(
      read_notice(Forge::github, webhook_of(form, "payload=%7B%7D")).error().hint().has_value());
}

TEST(Forge, KnowsWhereItKeepsPullRequests) {
  EXPECT_EQ(refs_of_pull_request(Forge::github, 7).merge, "refs/pull/7/merge");
  EXPECT_EQ(refs_of_pull_request(Forge::forgejo, 7).head, "refs/pull/7/head");
  EXPECT_EQ(refs_of_pull_request(Forge::gitlab, 7).head, "refs/merge-requests/7/head");
  for (const Forge forge : kForges) EXPECT_EQ(forge_of(to_string(forge)), forge);
  EXPECT_EQ(forge_of("GitHub"), std::nullopt);
}

}  // namespace
}  // namespace pipeline::forge
