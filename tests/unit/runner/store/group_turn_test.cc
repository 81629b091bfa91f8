#include "runner/store/group_turn.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace pipeline::store {
namespace {

using model::Superseded;
using Members = std::vector<GroupMember>;

GroupMember begun(run::RunId run) {
  return {.run = run, .has_begun = true, .superseded = Superseded::keep};
}
GroupMember waiting(run::RunId run, Superseded superseded = Superseded::keep) {
  return {.run = run, .has_begun = false, .superseded = superseded};
}

std::string said(const GroupTurn& turn) {
  if (const auto* wait = std::get_if<GroupWait>(&turn)) return describe(*wait, "g");
  if (const auto* superseded = std::get_if<GroupSuperseded>(&turn)) {
    return "superseded by run " + std::to_string(superseded->by);
  }
  return "begin";
}

TEST(GroupTurn, AsManyAsTheLimitSays) {
  EXPECT_EQ(said(turn_of({}, {}, 1, HasWaited::no)), "begin");
  EXPECT_EQ(said(turn_of({begun(1)}, {}, 1, HasWaited::no)), "waiting for run 1 of group g");
  EXPECT_EQ(said(turn_of({begun(1)}, {}, 2, HasWaited::no)), "begin");
  EXPECT_EQ(said(turn_of({begun(1), waiting(2)}, {waiting(4)}, 2, HasWaited::yes)),
            "waiting for runs 1 and 2 of group g")
      << "in the order in which they came";
}

TEST(GroupTurn, NamesAtMostThree) {
  EXPECT_EQ(said(turn_of({begun(1), waiting(2), waiting(3)}, {}, 1, HasWaited::yes)),
            "waiting for runs 1, 2 and 3 of group g");
  EXPECT_EQ(said(turn_of({begun(1), waiting(2), waiting(3), waiting(4), waiting(5)}, {}, 1,
                         HasWaited::yes)),
            "waiting for runs 1, 2, 3 and 2 more of group g");
}

TEST(GroupTurn, ANewerRunEndsThoseThatWait) {
  const Members newer = {waiting(3), waiting(4, Superseded::cancel_queued)};
  EXPECT_EQ(said(turn_of({begun(1)}, newer, 1, HasWaited::yes)), "superseded by run 4");
  EXPECT_EQ(said(turn_of({}, newer, 1, HasWaited::yes)), "superseded by run 4")
      << "also when its turn comes just then";
  EXPECT_EQ(said(turn_of({}, newer, 1, HasWaited::no)), "begin") << "it did not have to wait";
}

TEST(GroupTurn, ANewerRunMayEndAllBeforeIt) {
  const Members newer = {waiting(2, Superseded::cancel_running)};
  EXPECT_EQ(said(turn_of({}, newer, 1, HasWaited::no)), "superseded by run 2");
  EXPECT_EQ(ended_by(newer), 2U);
  EXPECT_EQ(ended_by({waiting(2, Superseded::cancel_queued)}), 0U);
}

TEST(GroupMember, WordsThatAreNotUnderstoodHoldTheirPlace) {
  for (const char* text : {"", "another process", "7", "x y z"}) {
    EXPECT_TRUE(group_member_from(text).has_begun) << text;
  }
}

RC_GTEST_PROP(GroupMember, SaysWhatItIs, (std::uint64_t run, bool has_begun)) {
  const auto superseded =
      *rc::gen::element(Superseded::keep, Superseded::cancel_queued, Superseded::cancel_running);
  const GroupMember member{run, has_begun, superseded};
  RC_ASSERT(group_member_from(to_text(member)) == member);
}

}  // namespace
}  // namespace pipeline::store
