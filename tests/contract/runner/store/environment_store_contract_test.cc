// What every EnvironmentStore promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/environment_store.h"
#include "runner/store/sqlite/sqlite_environment_store.h"
#include "tests/contract/runner/store/store_contract.h"

namespace pipeline::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EnvironmentStoreContract : public Contract<EnvironmentStore> {
 protected:
  static EnvironmentEntry entry(const std::string& repository, const std::string& environment) {
    return {.repository = repository,
            .environment = environment,
            .text = "[environment." + environment + "]\nstart = \"a\"\n",
            .set_by = "ann",
            .set_at = kNoon};
  }
};

TEST_P(EnvironmentStoreContract, FindsWhatWasSet) {
  ASSERT_TRUE(open()->set(entry("shop", "production")));
  EXPECT_EQ(*open()->find("shop", "production"), entry("shop", "production"));
  EXPECT_EQ(*open()->find("shop", "staging"), std::nullopt);
  EXPECT_EQ(*open()->find("forum", "production"), std::nullopt);
}

TEST_P(EnvironmentStoreContract, TheLastOneSetCounts) {
  ASSERT_TRUE(open()->set(entry("shop", "production")));
  EnvironmentEntry later = entry("shop", "production");
  later.text = "[environment.production]\nstart = \"b\"\n";
  later.set_by = "bob";
  later.set_at = kNoon + std::chrono::hours(1);
  ASSERT_TRUE(open()->set(later));
  EXPECT_THAT(*open()->list("shop"), ElementsAre(later));
}

TEST_P(EnvironmentStoreContract, ListsARepositorysByName) {
  const auto store = open();
  ASSERT_TRUE(store->set(entry("shop", "staging")));
  ASSERT_TRUE(store->set(entry("shop", "production")));
  ASSERT_TRUE(store->set(entry("forum", "production")));
  EXPECT_THAT(*open()->list("shop"),
              ElementsAre(entry("shop", "production"), entry("shop", "staging")));
  EXPECT_THAT(*open()->list("wiki"), IsEmpty());
}

TEST_P(EnvironmentStoreContract, RemovesOne) {
  const auto store = open();
  ASSERT_TRUE(store->set(entry("shop", "production")));
  ASSERT_TRUE(store->set(entry("shop", "staging")));
  EXPECT_EQ(store->remove("shop", "production"), true);
  EXPECT_EQ(open()->remove("shop", "production"), false);
  EXPECT_THAT(*open()->list("shop"), ElementsAre(entry("shop", "staging")));
}

TEST_P(EnvironmentStoreContract, ForgetsARepositorys) {
  const auto store = open();
  ASSERT_TRUE(store->set(entry("shop", "production")));
  ASSERT_TRUE(store->set(entry("shop", "staging")));
  ASSERT_TRUE(store->set(entry("forum", "production")));
  ASSERT_TRUE(store->forget("shop"));
  EXPECT_THAT(*open()->list("shop"), IsEmpty());
  EXPECT_THAT(*open()->list("forum"), ElementsAre(entry("forum", "production")));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, EnvironmentStoreContract,
                         testing::Values(&open_sqlite_environment_store));

}  // namespace
}  // namespace pipeline::store
