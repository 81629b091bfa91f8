// What every TokenStore, RepositoryStore and FiringStore promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "runner/store/audit_store.h"
#include "runner/store/firing_store.h"
#include "runner/store/names.h"
#include "runner/store/repository_store.h"
#include "runner/store/sqlite/sqlite_audit_store.h"
#include "runner/store/sqlite/sqlite_firing_store.h"
#include "runner/store/sqlite/sqlite_repository_store.h"
#include "runner/store/sqlite/sqlite_toggle_store.h"
#include "runner/store/sqlite/sqlite_token_store.h"
#include "runner/store/toggle_store.h"
#include "runner/store/token.h"
#include "runner/store/token_store.h"
#include "tests/contract/runner/store/store_contract.h"
#include "tests/support/store/memory_toggle_store.h"

namespace pipeline::store {
namespace {

using base::ErrorKind;
using testing::ElementsAre;

class TokenStoreContract : public Contract<TokenStore> {
 protected:
  static TokenEntry entry(const std::string& name) {
    return {.name = name, .scopes = {"read", "run"}, .created_at = kNoon};
  }
};

TEST_P(TokenStoreContract, FindsAnEntryByTheDigestOfItsToken) {
  const std::string token = make_token();
  TokenEntry alice = entry("alice");
  alice.expires_at = kNoon + std::chrono::days(90);
  alice.labels = {"production", "linux"};
  ASSERT_TRUE(open()->add(alice, digest_of_token(token)));
  EXPECT_EQ(*open()->find(digest_of_token(token)), alice);
  EXPECT_EQ(*open()->find(digest_of_token(token + "x")), std::nullopt);
}

TEST_P(TokenStoreContract, NamesAreTakenOnce) {
  const auto store = open();
  ASSERT_TRUE(store->add(entry("alice"), digest_of_token("1")));
  const auto again = open()->add(entry("alice"), digest_of_token("2"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(*store->find(digest_of_token("2")), std::nullopt);
}

TEST_P(TokenStoreContract, ListsByNameAndForgets) {
  const auto store = open();
  ASSERT_TRUE(store->add(entry("bob"), digest_of_token("1")));
  ASSERT_TRUE(store->add(entry("alice"), digest_of_token("2")));
  EXPECT_THAT(*store->list(), ElementsAre(entry("alice"), entry("bob")));
  EXPECT_EQ(store->remove("bob"), true);
  EXPECT_EQ(open()->remove("bob"), false);
  EXPECT_EQ(*store->find(digest_of_token("1")), std::nullopt);
  EXPECT_THAT(*store->list(), ElementsAre(entry("alice")));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, TokenStoreContract, testing::Values(&open_sqlite_token_store));

class RepositoryStoreContract : public Contract<RepositoryStore> {};

TEST_P(RepositoryStoreContract, KeepsListsAndForgets) {
  const RepositoryEntry shop{.name = "shop", .added_at = kNoon};
  const RepositoryEntry blog{.name = "blog",
                             .url = "https://example.org/blog",
                             .added_at = kNoon,
                             .forge = forge::Forge::forgejo,
                             .poll = std::chrono::minutes(5),
                             .fork_pull_requests = ForkPullRequests::run};
  const auto store = open();
  for (const auto rule :
       {ForkPullRequests::ignore, ForkPullRequests::run, ForkPullRequests::approve_first}) {
    RepositoryEntry ruled = blog;
    ruled.name = "ruled";
    ruled.fork_pull_requests = rule;
    ASSERT_TRUE(store->add(ruled));
    EXPECT_EQ(*open()->find("ruled"), ruled);
    ASSERT_TRUE(store->remove("ruled"));
  }
  ASSERT_TRUE(store->add(shop));
  ASSERT_TRUE(store->add(blog));
  EXPECT_EQ(*open()->find("shop"), shop);
  EXPECT_EQ(*open()->find("blog"), blog);
  EXPECT_EQ(*open()->find("sho"), std::nullopt);
  EXPECT_THAT(*open()->list(), ElementsAre(blog, shop));
  EXPECT_EQ(store->remove("shop"), true);
  EXPECT_EQ(open()->remove("shop"), false);
  EXPECT_THAT(*store->list(), ElementsAre(blog));
}

TEST_P(RepositoryStoreContract, ChangesHowOneIsToldOf) {
  RepositoryEntry blog{.name = "blog", .url = "https://example.org/a/blog", .added_at = kNoon};
  const auto store = open();
  ASSERT_TRUE(store->add(blog));
  blog.api_url = "https://example.org/api/v1";
  blog.is_status_public = true;
  EXPECT_EQ(store->change(blog), true);
  EXPECT_EQ(*open()->find("blog"), blog);
  blog.api_url.reset();
  blog.is_status_public = false;
  EXPECT_EQ(open()->change(blog), true);
  EXPECT_EQ(*store->find("blog"), blog);
  blog.name = "other";
  EXPECT_EQ(store->change(blog), false);
}

TEST_P(RepositoryStoreContract, NamesAreTakenOnce) {
  ASSERT_TRUE(open()->add({.name = "shop", .added_at = kNoon}));
  const auto again = open()->add({.name = "shop", .url = "/elsewhere", .added_at = kNoon});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::already_exists);
  EXPECT_EQ((*open()->find("shop"))->url, std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, RepositoryStoreContract,
                         testing::Values(&open_sqlite_repository_store));

TEST(Name, IsAPartOfAnAddress) {
  for (const char* name : {"shop", "Shop2", "a.b-c_d", "0"})
    EXPECT_TRUE(check_name("a repository", name)) << name;
  for (const char* name : {"", ".git", "..", "a/b", "a b", "shop.git", "-x", "ä", "a\n"})
    EXPECT_FALSE(check_name("a repository", name)) << name;
  EXPECT_EQ(check_name("an agent", std::string(101, 'a')).error().kind(), ErrorKind::invalid);
}

TEST(Token, IsLongAndNeverTheSame) {
  const std::string token = make_token();
  EXPECT_EQ(token.size(), std::string("pipeline_").size() + 64);
  EXPECT_TRUE(token.starts_with("pipeline_"));
  EXPECT_NE(token, make_token());
  EXPECT_TRUE(make_webhook_secret().starts_with("pipeline_hook_"));
  EXPECT_NE(make_webhook_secret(), make_webhook_secret());
}

class FiringStoreContract : public Contract<FiringStore> {};

TEST_P(FiringStoreContract, KeepsTheNewestOfEachSchedule) {
  const ScheduleKey nightly{"shop", "pipelines/release.toml", "nightly"};
  const ScheduleKey weekly{"shop", "pipelines/release.toml", "weekly"};
  const ScheduleKey elsewhere{"blog", "pipelines/release.toml", "nightly"};
  const auto store = open();
  EXPECT_EQ(*store->last(nightly), std::nullopt);
  for (const auto& key : {nightly, weekly, elsewhere}) ASSERT_TRUE(store->note(key, kNoon));
  ASSERT_TRUE(open()->note(nightly, kNoon + std::chrono::days(1)));
  EXPECT_EQ(*store->last(nightly), kNoon + std::chrono::days(1));
  EXPECT_EQ(*store->last(weekly), kNoon);
  ASSERT_TRUE(store->forget("shop"));
  EXPECT_EQ(*open()->last(nightly), std::nullopt);
  EXPECT_EQ(*open()->last(elsewhere), kNoon);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, FiringStoreContract, testing::Values(&open_sqlite_firing_store));

class AuditStoreContract : public Contract<AuditStore> {};

TEST_P(AuditStoreContract, KeepsAllInOrder) {
  const auto store = open();
  EXPECT_EQ(*store->newest(), 0U);
  AuditEntry entry{.at = kNoon,
                   .who = "ann",
                   .peer = "10.0.0.7",
                   .action = "POST /api/v1/tokens",
                   .detail = "bob: read",
                   .status = 201};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->add(entry));
  EXPECT_EQ(*open()->newest(), 3U);
  entry.number = 2;
  EXPECT_THAT(*open()->list(1, 1), ElementsAre(entry));
  EXPECT_THAT(*store->list(0, 10), testing::SizeIs(3));
  EXPECT_TRUE(store->list(3, 10)->empty());
}

INSTANTIATE_TEST_SUITE_P(Sqlite, AuditStoreContract, testing::Values(&open_sqlite_audit_store));

class ToggleStoreContract : public Contract<ToggleStore> {
 protected:
  static ToggleChange to(std::optional<std::string> value, const std::string& by = "ann") {
    return {.flag = "dark", .value = std::move(value), .by = by, .at = kNoon};
  }
  static toggle::Setting set_to(const std::string& value, const std::string& by = "ann") {
    return {.value = value, .by = by, .at = kNoon};
  }
  const deploy::EnvironmentKey kProduction{"shop", "production"};
  const deploy::EnvironmentKey kStaging{"shop", "staging"};
};

TEST_P(ToggleStoreContract, TheNewestWordCounts) {
  const auto store = open();
  EXPECT_EQ(*store->change(kProduction, to("on")), std::nullopt);
  EXPECT_EQ(*open()->change(kProduction, to("off", "bob")), set_to("on"));
  EXPECT_EQ(*open()->settings(kProduction), (toggle::Settings{{"dark", set_to("off", "bob")}}));
  EXPECT_EQ(*store->change(kProduction, to(std::nullopt)), set_to("off", "bob"));
  EXPECT_TRUE(store->settings(kProduction)->empty());
  EXPECT_EQ(*store->change(kProduction, to("on")), std::nullopt);
}

TEST_P(ToggleStoreContract, EnvironmentsAndFlagsAreApart) {
  const auto store = open();
  ASSERT_TRUE(store->change(kProduction, to("off")));
  ToggleChange other = to("blue");
  other.flag = "theme";
  ASSERT_TRUE(store->change(kProduction, other));
  EXPECT_TRUE(store->settings(kStaging)->empty());
  EXPECT_EQ(*store->settings(kProduction),
            (toggle::Settings{{"dark", set_to("off")}, {"theme", set_to("blue")}}));
}

TEST_P(ToggleStoreContract, EveryWordIsKept) {
  const auto store = open();
  EXPECT_EQ(*store->newest(), 0U);
  for (const char* value : {"on", "off"}) ASSERT_TRUE(store->change(kProduction, to(value)));
  ASSERT_TRUE(store->change(kProduction, to(std::nullopt)));
  ASSERT_TRUE(store->change(kStaging, to("on")));
  EXPECT_EQ(*open()->newest(), 4U);
  auto last = to(std::nullopt);
  last.number = 3;
  auto before = to("off");
  before.number = 2;
  EXPECT_THAT(*open()->history(kProduction, "dark", 2), ElementsAre(last, before));
  EXPECT_TRUE(store->history(kProduction, "other", 2)->empty());
}

TEST_P(ToggleStoreContract, KeepsTheNewestFlagFile) {
  const auto store = open();
  EXPECT_EQ(*store->file(kProduction), std::nullopt);
  ASSERT_TRUE(store->keep_file(kProduction, {.release = 1, .text = "{}"}));
  ASSERT_TRUE(open()->keep_file(kProduction, {.release = 2, .text = R"({"flags": {}})"}));
  EXPECT_EQ(*store->file(kProduction), (FlagFile{.release = 2, .text = R"({"flags": {}})"}));
  EXPECT_EQ(*store->file(kStaging), std::nullopt);
  EXPECT_EQ(*store->newest(), 0U);
}

// One disk for each directory.
base::Result<std::unique_ptr<ToggleStore>> open_memory_toggle_store(const Paths& paths) {
  static std::map<std::filesystem::path, support::MemoryToggles> disks;
  return std::make_unique<support::MemoryToggleStore>(disks[paths.root()]);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, ToggleStoreContract, testing::Values(&open_sqlite_toggle_store));
INSTANTIATE_TEST_SUITE_P(Memory, ToggleStoreContract, testing::Values(&open_memory_toggle_store));

}  // namespace
}  // namespace pipeline::store
