#include "runner/store/group_queue.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using model::Superseded;

class GroupQueueTest : public testing::Test {
 protected:
  std::unique_ptr<GroupQueue> join(run::RunId run, Superseded superseded = Superseded::keep,
                                   const std::string& repository = "/srv/shop") {
    auto queue = GroupQueue::join(paths_, {repository, "deploy/main", limit_},
                                  {.run = run, .superseded = superseded});
    EXPECT_TRUE(queue) << queue.error().to_string();
    return *std::move(queue);
  }
  static std::string look(GroupQueue& queue) {
    const auto turn = queue.look();
    EXPECT_TRUE(turn);
    if (const auto* wait = std::get_if<GroupWait>(&*turn)) return describe(*wait, "g");
    if (const auto* by = std::get_if<GroupSuperseded>(&*turn)) {
      return "superseded by run " + std::to_string(by->by);
    }
    return "begin";
  }

  support::TemporaryDirectory directory_;
  Paths paths_{directory_.path()};
  std::uint32_t limit_ = 1;
};

TEST_F(GroupQueueTest, GoesInTheOrderOfComing) {
  auto first = join(1);
  auto second = join(2);
  auto third = join(3);
  EXPECT_EQ(look(*third), "waiting for runs 1 and 2 of group g");
  EXPECT_EQ(look(*first), "begin");
  EXPECT_EQ(look(*second), "waiting for run 1 of group g");
  first.reset();
  EXPECT_EQ(look(*third), "waiting for run 2 of group g");
  EXPECT_EQ(look(*second), "begin");
  second.reset();
  EXPECT_EQ(look(*third), "begin");
}

TEST_F(GroupQueueTest, TheOthersSeeWhoHasBegun) {
  auto first = join(1);
  auto second = join(2);
  const auto has_begun = [&] {
    return std::get<GroupWait>(*second->look()).before.front().has_begun;
  };
  EXPECT_FALSE(has_begun());
  EXPECT_EQ(look(*first), "begin");
  EXPECT_TRUE(has_begun());
}

TEST_F(GroupQueueTest, SeveralMayBegin) {
  limit_ = 2;
  auto first = join(1);
  auto second = join(2);
  auto third = join(3);
  EXPECT_EQ(look(*second), "begin");
  EXPECT_EQ(look(*first), "begin");
  EXPECT_EQ(look(*third), "waiting for runs 1 and 2 of group g");
  second.reset();
  EXPECT_EQ(look(*third), "begin");
}

TEST_F(GroupQueueTest, ANewerRunSupersedesThoseThatWait) {
  auto first = join(1);
  EXPECT_EQ(look(*first), "begin");
  auto second = join(2, Superseded::cancel_queued);
  EXPECT_EQ(look(*second), "waiting for run 1 of group g");
  auto third = join(3, Superseded::cancel_queued);
  EXPECT_EQ(look(*second), "superseded by run 3");
  EXPECT_EQ(first->ended_by(), 0U);
  second.reset();
  EXPECT_EQ(look(*third), "waiting for run 1 of group g");
  auto fourth = join(4, Superseded::cancel_running);
  EXPECT_EQ(first->ended_by(), 4U);
}

TEST_F(GroupQueueTest, IsOfOneRepository) {
  auto here = join(1);
  auto elsewhere = join(2, Superseded::keep, "/srv/other");
  EXPECT_EQ(look(*here), "begin");
  EXPECT_EQ(look(*elsewhere), "begin");
}

TEST_F(GroupQueueTest, LeavesNothingBehind) {
  { const auto queue = join(1); }
  EXPECT_TRUE(std::filesystem::is_empty(paths_.groups()));
  auto again = join(2);
  EXPECT_EQ(look(*again), "begin");
}

}  // namespace
}  // namespace pipeline::store
