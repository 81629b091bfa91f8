// The queue of a concurrency group: the runs of one repository that have its name in common, in the
// order in which they came, over all processes of a state directory. A place is held until its
// object goes, or its process, however it ends.
//
// Each run looks for itself: nobody has to be told, and one that died is out of the way.
// Threads: one.
#pragma once

#include <memory>
#include <string>

#include "pipelines/base/result.h"
#include "runner/store/fair_queue.h"
#include "runner/store/group_turn.h"
#include "runner/store/paths.h"

namespace pipeline::store {

class GroupQueue {
 public:
  struct Group {
    std::string repository;
    std::string name;
    std::uint32_t limit = 1;
  };
  static base::Result<std::unique_ptr<GroupQueue>> join(const Paths& paths, const Group& group,
                                                        const GroupMember& self);
  ~GroupQueue();
  GroupQueue(const GroupQueue&) = delete;
  GroupQueue& operator=(const GroupQueue&) = delete;

  // Whether it is our turn. Once it is, the others see that we have begun.
  base::Result<GroupTurn> look();
  // Of one that has begun: the run that wants it to end; 0: none does.
  base::Result<run::RunId> ended_by() const;

 private:
  GroupQueue(std::filesystem::path directory, std::uint32_t limit, const GroupMember& self,
             std::unique_ptr<FairQueue> queue);

  std::filesystem::path directory_;
  std::uint32_t limit_;
  GroupMember self_;
  HasWaited has_waited_ = HasWaited::no;
  std::unique_ptr<FairQueue> queue_;
};

}  // namespace pipeline::store
