#include "runner/serve/seen_refs.h"

#include <gmock/gmock.h>

#include "tests/support/temporary_directory.h"

namespace pipeline::serve {
namespace {

using source::Refs;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SeenRefs, OnlyBranchesAndTagsArePushed) {
  const Refs refs = {{"refs/heads/main", "1"},
                     {"refs/tags/v1", "2"},
                     {"refs/pull/7/head", "3"},
                     {"refs/notes/commits", "4"}};
  EXPECT_EQ(branches_and_tags(refs), (Refs{{"refs/heads/main", "1"}, {"refs/tags/v1", "2"}}));
}

TEST(SeenRefs, WhatIsNotAsItWasHasMoved) {
  const Refs seen = {{"refs/heads/gone", "1"}, {"refs/heads/main", "2"}, {"refs/heads/rest", "3"}};
  const Refs now = {{"refs/heads/main", "4"}, {"refs/heads/new", "5"}, {"refs/heads/rest", "3"}};
  EXPECT_THAT(moved_since(seen, now), ElementsAre(MovedRef{"refs/heads/main", "4", "2"},
                                                  MovedRef{"refs/heads/new", "5", ""}));
  EXPECT_THAT(moved_since(now, now), IsEmpty());
}

TEST(SeenRefs, AreKept) {
  const support::TemporaryDirectory directory;
  const auto file = directory.path() / "shop.seen";
  EXPECT_EQ(load_seen(file), std::nullopt);
  ASSERT_TRUE(save_seen(file, {}));
  EXPECT_EQ(load_seen(file), Refs());
  const Refs refs = {{"refs/heads/main", "1"}, {"refs/heads/odd name", "2"}};
  ASSERT_TRUE(save_seen(file, refs));
  EXPECT_EQ(load_seen(file), refs);
}

}  // namespace
}  // namespace pipeline::serve
