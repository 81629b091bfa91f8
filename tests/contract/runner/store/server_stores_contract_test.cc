// What every TokenStore and every RepositoryStore promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/names.h"
#include "runner/store/repository_store.h"
#include "runner/store/sqlite/sqlite_repository_store.h"
#include "runner/store/sqlite/sqlite_token_store.h"
#include "runner/store/token.h"
#include "runner/store/token_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using base::ErrorKind;
using testing::ElementsAre;

constexpr base::TimePoint kNoon{std::chrono::hours(12)};

template <class Store>
using Open = base::Result<std::unique_ptr<Store>> (*)(const Paths&);

template <class Store>
class Contract : public testing::TestWithParam<Open<Store>> {
 protected:
  // Another object on the same storage, as another process has it.
  std::unique_ptr<Store> open() const {
    auto opened = this->GetParam()(Paths(directory_.path()));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return *std::move(opened);
  }

 private:
  support::TemporaryDirectory directory_;
};

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
  const RepositoryEntry blog{.name = "blog", .url = "https://example.org/blog", .added_at = kNoon};
  const auto store = open();
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
}

}  // namespace
}  // namespace pipeline::store
