// Which run of a concurrency group may begin, and which is superseded: decided by each for itself
// from who is before and behind it in the queue. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipelines/model/triggers.h"
#include "pipelines/run/event.h"

namespace pipeline::store {

// What each says of itself to the others.
struct GroupMember {
  run::RunId run = 0;
  bool has_begun = false;
  model::Superseded superseded = model::Superseded::keep;  // what it does to those before it
  bool operator==(const GroupMember&) const = default;
};

std::string to_text(const GroupMember& member);
// One whose words cannot be read holds its place: run 0, which has begun.
GroupMember group_member_from(std::string_view text);

struct GroupBegin {};
struct GroupWait {
  std::vector<GroupMember> before;
};
struct GroupSuperseded {
  run::RunId by = 0;
};
using GroupTurn = std::variant<GroupBegin, GroupWait, GroupSuperseded>;

enum class HasWaited { no, yes };

// For one that has not begun. One that never had to wait is not superseded as a waiting one.
GroupTurn turn_of(const std::vector<GroupMember>& before, const std::vector<GroupMember>& behind,
                  std::uint32_t limit, HasWaited has_waited);

// The run behind one that has begun, which wants it to end; 0: none does.
run::RunId ended_by(const std::vector<GroupMember>& behind);

// "waiting for run 41 of group deploy-main", "waiting for runs 41, 42, 43 and 2 more of group …".
std::string describe(const GroupWait& wait, std::string_view group);

}  // namespace pipeline::store
