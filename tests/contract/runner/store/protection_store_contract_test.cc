// What every ProtectionStore promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/protection_store.h"
#include "runner/store/sqlite/sqlite_protection_store.h"
#include "tests/contract/runner/store/store_contract.h"

namespace pipeline::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProtectionStoreContract : public Contract<ProtectionStore> {
 protected:
  static Protection protection(const std::string& repository, const std::string& branches) {
    return {.repository = repository,
            .branches = branches,
            .waits_for_pipeline = true,
            .role = access::Role::deployer};
  }
  static WaitingPush push(const std::string& branch, const std::string& commit) {
    return {.repository = "shop",
            .branch = branch,
            .before = "b4",
            .commit = commit,
            .who = "ann",
            .at = kNoon};
  }
};

TEST_P(ProtectionStoreContract, ListsARepositorysByPattern) {
  const auto store = open();
  ASSERT_TRUE(store->set(protection("shop", "release/*")));
  ASSERT_TRUE(store->set(protection("shop", "main")));
  ASSERT_TRUE(store->set(protection("blog", "main")));
  EXPECT_THAT(*open()->list("shop"),
              ElementsAre(protection("shop", "main"), protection("shop", "release/*")));
}

TEST_P(ProtectionStoreContract, TheLastOneOfAPatternCounts) {
  const auto store = open();
  ASSERT_TRUE(store->set(protection("shop", "main")));
  const Protection other{.repository = "shop", .branches = "main", .allows_force = true};
  ASSERT_TRUE(store->set(other));
  EXPECT_THAT(*open()->list("shop"), ElementsAre(other));
  EXPECT_EQ(store->remove("shop", "main"), true);
  EXPECT_EQ(open()->remove("shop", "main"), false);
  EXPECT_THAT(*open()->list("shop"), IsEmpty());
}

TEST_P(ProtectionStoreContract, PushesWaitOldestFirst_UntilTheyAreDecided) {
  const auto store = open();
  WaitingPush first = push("main", "c1");
  WaitingPush second = push("main", "c2");
  first.number = *store->wait(first);
  second.number = *store->wait(second);
  EXPECT_THAT(*open()->waiting(), ElementsAre(first, second));
  ASSERT_TRUE(store->decided(first.number));
  ASSERT_TRUE(store->decided(first.number));
  EXPECT_THAT(*open()->waiting(), ElementsAre(second));
}

TEST_P(ProtectionStoreContract, OneWaitsOnce) {
  const auto store = open();
  const auto number = store->wait(push("main", "c1"));
  WaitingPush again = push("main", "c1");
  again.who = "bob";
  EXPECT_EQ(*open()->wait(again), *number);
  EXPECT_NE(*store->wait(push("next", "c1")), *number);
  EXPECT_EQ(store->waiting()->front().who, "ann");
}

TEST_P(ProtectionStoreContract, NumbersAreNotGivenAgain) {
  const auto store = open();
  const auto number = store->wait(push("main", "c1"));
  ASSERT_TRUE(store->decided(*number));
  EXPECT_GT(*store->wait(push("main", "c2")), *number);
}

TEST_P(ProtectionStoreContract, ForgetsARepositorys) {
  const auto store = open();
  ASSERT_TRUE(store->set(protection("shop", "main")));
  ASSERT_TRUE(store->set(protection("blog", "main")));
  ASSERT_TRUE(store->wait(push("main", "c1")));
  ASSERT_TRUE(store->forget("shop"));
  EXPECT_THAT(*open()->list("shop"), IsEmpty());
  EXPECT_THAT(*open()->waiting(), IsEmpty());
  EXPECT_THAT(*open()->list("blog"), ElementsAre(protection("blog", "main")));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, ProtectionStoreContract,
                         testing::Values(&open_sqlite_protection_store));

}  // namespace
}  // namespace pipeline::store
