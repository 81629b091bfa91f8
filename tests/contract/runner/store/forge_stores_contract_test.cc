// What every DeliveryStore and every PullRequestStore promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/delivery_store.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/sqlite/sqlite_delivery_store.h"
#include "runner/store/sqlite/sqlite_pull_request_store.h"
#include "tests/contract/runner/store/store_contract.h"

namespace pipeline::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeliveryStoreContract : public Contract<DeliveryStore> {};

TEST_P(DeliveryStoreContract, AcceptsEachOnceForEachRepository) {
  const auto store = open();
  EXPECT_EQ(store->has("shop", "1"), false);
  EXPECT_EQ(store->accept("shop", "1", kNoon), true);
  EXPECT_EQ(open()->has("shop", "1"), true);
  EXPECT_EQ(open()->accept("shop", "1", kNoon), false);
  EXPECT_EQ(store->accept("shop", "2", kNoon), true);
  EXPECT_EQ(store->accept("blog", "1", kNoon), true);
}

TEST_P(DeliveryStoreContract, ForgetsTheOldAndThoseOfARepository) {
  const auto store = open();
  ASSERT_TRUE(store->accept("shop", "old", kNoon));
  ASSERT_TRUE(store->accept("shop", "new", kNoon + std::chrono::hours(1)));
  ASSERT_TRUE(store->forget_before(kNoon + std::chrono::minutes(1)));
  EXPECT_EQ(open()->accept("shop", "old", kNoon), true);
  EXPECT_EQ(open()->accept("shop", "new", kNoon), false);
  ASSERT_TRUE(store->forget("blog"));
  EXPECT_EQ(open()->accept("shop", "new", kNoon), false);
  ASSERT_TRUE(store->forget("shop"));
  EXPECT_EQ(open()->accept("shop", "new", kNoon), true);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, DeliveryStoreContract,
                         testing::Values(&open_sqlite_delivery_store));

class PullRequestStoreContract : public Contract<PullRequestStore> {
 protected:
  static PullRequestEntry entry(std::uint64_t number) {
    return {.repository = "shop", .number = number, .target = "main", .from_fork = false};
  }
};

TEST_P(PullRequestStoreContract, ListsTheOpenOnesByNumber) {
  const auto store = open();
  PullRequestEntry forked = entry(10);
  forked.from_fork = true;
  ASSERT_TRUE(store->note(forked));
  ASSERT_TRUE(store->note(entry(9)));
  PullRequestEntry other = entry(1);
  other.repository = "blog";
  ASSERT_TRUE(store->note(other));
  EXPECT_THAT(*open()->open_ones("shop"), ElementsAre(entry(9), forked));
  EXPECT_THAT(*open()->open_ones("blog"), ElementsAre(other));
}

TEST_P(PullRequestStoreContract, WhatWasSeenOutlivesWhatIsSaid) {
  const auto store = open();
  PullRequestEntry request = entry(7);
  ASSERT_TRUE(store->note(request));
  ASSERT_TRUE(store->saw("shop", 7, "abc"));
  request.is_open = false;
  ASSERT_TRUE(store->note(request));
  EXPECT_THAT(*open()->open_ones("shop"), IsEmpty());
  // Opened again, to another branch.
  request.is_open = true;
  request.target = "release";
  ASSERT_TRUE(store->note(request));
  request.seen = "abc";
  EXPECT_THAT(*open()->open_ones("shop"), ElementsAre(request));
}

TEST_P(PullRequestStoreContract, KnowsWhoseAMergeIs) {
  const auto store = open();
  ASSERT_TRUE(store->note_merge("shop", "merge", "head"));
  ASSERT_TRUE(store->note_merge("shop", "merge", "head"));
  EXPECT_EQ(*open()->head_of("shop", "merge"), "head");
  EXPECT_EQ(*store->head_of("shop", "head"), std::nullopt);
  EXPECT_EQ(*store->head_of("blog", "merge"), std::nullopt);
  ASSERT_TRUE(store->forget("shop"));
  EXPECT_EQ(*open()->head_of("shop", "merge"), std::nullopt);
}

TEST_P(PullRequestStoreContract, AWordIsForTheCommitThatWaits) {
  using Word = PullRequestStore::Word;
  const auto store = open();
  PullRequestEntry request = entry(7);
  ASSERT_TRUE(store->note(request));
  EXPECT_EQ(store->decide("shop", 7, "", Word::yes), false) << "none waits";
  ASSERT_TRUE(store->waits("shop", 7, "abc"));
  request.waiting = "abc";
  EXPECT_THAT(*open()->open_ones("shop"), ElementsAre(request));
  ASSERT_TRUE(store->note(entry(7)));
  EXPECT_THAT(*open()->open_ones("shop"), ElementsAre(request)) << "it still does";
  ASSERT_TRUE(store->waits("shop", 7, "def"));
  EXPECT_EQ(store->decide("shop", 7, "abc", Word::yes), false) << "a newer one waits";
  EXPECT_EQ(store->decide("blog", 7, "def", Word::yes), false);
  EXPECT_EQ(open()->decide("shop", 7, "def", Word::yes), true);
  EXPECT_EQ(store->decide("shop", 7, "def", Word::no), false) << "it was decided on";
  request.waiting = "";
  request.approved = "def";
  EXPECT_THAT(*open()->open_ones("shop"), ElementsAre(request));
  ASSERT_TRUE(store->waits("shop", 7, "fed"));
  EXPECT_EQ(store->decide("shop", 7, "fed", Word::no), true);
  request.seen = "fed";
  EXPECT_THAT(*open()->open_ones("shop"), ElementsAre(request)) << "it has had its runs: none";
  ASSERT_TRUE(store->waits("shop", 7, "eee"));
  PullRequestEntry closed = entry(7);
  closed.is_open = false;
  ASSERT_TRUE(store->note(closed));
  EXPECT_EQ(store->decide("shop", 7, "eee", Word::yes), false) << "nobody asks any more";
}

TEST_P(PullRequestStoreContract, ForgetsARepository) {
  const auto store = open();
  ASSERT_TRUE(store->note(entry(7)));
  ASSERT_TRUE(store->saw("shop", 8, "abc"));
  ASSERT_TRUE(store->forget("shop"));
  EXPECT_THAT(*open()->open_ones("shop"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Sqlite, PullRequestStoreContract,
                         testing::Values(&open_sqlite_pull_request_store));

}  // namespace
}  // namespace pipeline::store
