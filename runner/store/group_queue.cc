#include "runner/store/group_queue.h"

#include "stages/host/hash.h"

namespace pipeline::store {

namespace {

using base::Result;

std::vector<GroupMember> members_of(const std::vector<std::string>& words) {
  std::vector<GroupMember> members;
  members.reserve(words.size());
  for (const std::string& one : words) members.push_back(group_member_from(one));
  return members;
}

}  // namespace

GroupQueue::GroupQueue(std::filesystem::path directory, std::uint32_t limit,
                       const GroupMember& self, std::unique_ptr<FairQueue> queue)
    : directory_(std::move(directory)), limit_(limit), self_(self), queue_(std::move(queue)) {}

GroupQueue::~GroupQueue() {
  queue_.reset();
  // Groups such as "ci-{commit}" are met once.
  FairQueue::remove_empty(directory_);
}

Result<std::unique_ptr<GroupQueue>> GroupQueue::join(const Paths& paths, const Group& group,
                                                     const GroupMember& self) {
  // A name may be longer than a file's, and have slashes.
  const auto directory = paths.groups() / host::sha256(group.repository + '\n' + group.name).hex();
  PIPELINE_ASSIGN(auto queue, FairQueue::join(directory, to_text(self)));
  return std::unique_ptr<GroupQueue>(
      new GroupQueue(directory, group.limit, self, std::move(queue)));
}

Result<GroupTurn> GroupQueue::look() {
  GroupTurn turn;
  const auto decide = [&](const FairQueue::Others& others) -> std::optional<std::string> {
    turn = turn_of(members_of(others.before), members_of(others.behind), limit_, has_waited_);
    if (!std::holds_alternative<GroupBegin>(turn)) return std::nullopt;
    self_.has_begun = true;
    return to_text(self_);
  };
  PIPELINE_TRY(queue_->look(decide));
  if (std::holds_alternative<GroupWait>(turn)) has_waited_ = HasWaited::yes;
  return turn;
}

Result<run::RunId> GroupQueue::ended_by() const {
  PIPELINE_ASSIGN(const FairQueue::Others others, queue_->look());
  return store::ended_by(members_of(others.behind));
}

}  // namespace pipeline::store
