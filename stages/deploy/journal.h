// Where deployments are written down, and who may write: the truth that survives the process that
// drives a deployment. Declared here, implemented in runner/store/sqlite; the contract suite is
// tests/contract/journal_contract.h and runs over every implementation.
//
// Order of calls: enqueue → poll until it is our turn → read → append* → let go of the place.
// A call that returned success has reached the disk. Threads: an object belongs to one thread;
// several objects, in several processes, may share one store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/rollout/journal_entry.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::deploy {

// Whose turn it is in an environment's queue.
struct Turn {
  std::optional<std::uint64_t> fence;  // ours: the fencing number, higher than any before
  std::string holder;                  // not ours: who has it, "pid 4711"
};

// A place in an environment's queue, first come, first served. Whoever is first holds the
// environment. Given up by destruction, and by the death of its process however it dies.
class QueuePlace {
 public:
  virtual ~QueuePlace() = default;
  // Does not block. Once it is our turn it stays ours, with the same fencing number.
  virtual base::Result<Turn> poll() = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;
  virtual base::Result<std::unique_ptr<QueuePlace>> enqueue(const EnvironmentKey& key) = 0;
  // Who is first in the queue, if anybody is.
  virtual base::Result<std::optional<std::string>> holder(const EnvironmentKey& key) = 0;
  // ErrorKind::conflict when `fence` is not the latest number given: somebody else drives. May be
  // repeated: an entry that is the last one already is not written again.
  virtual base::Result<> append(const EnvironmentKey& key, std::uint64_t fence,
                                const rollout::Entry& entry) = 0;
  // From the last checkpoint on, oldest first; empty for an unknown environment.
  virtual base::Result<std::vector<rollout::Entry>> read(const EnvironmentKey& key) = 0;
  // Every environment that has an entry, sorted.
  virtual base::Result<std::vector<EnvironmentKey>> environments() = 0;
  // Grows with every append to any of them; 0: there was none. Cheap: for whoever wants to see
  // whether anything has changed.
  virtual base::Result<std::uint64_t> newest() = 0;
};

}  // namespace pipeline::deploy
