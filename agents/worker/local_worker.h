// The worker of this process: runs every job it is given at once, each on a thread that is kept for
// the next one. How many jobs run at a time is the engine's decision.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "agents/link/child_run.h"
#include "agents/link/link.h"
#include "stages/deploy/deployer.h"
#include "stages/step/step.h"

namespace pipeline::worker {

// What a person said to an approval.
struct Decision {
  bool approved = false;
  std::string by;       // the user's name
  std::string comment;  // may be empty
};
// Waits until somebody decides on the order's job, as long as its timeout says; none when nobody
// did, or when it was stopped. Called from several threads.
using AwaitDecision = std::function<base::Result<std::optional<Decision>>(
    const protocol::JobOrder& order, const std::stop_token& stop)>;

// A place in the queue for a lock: the lock is ours when nobody is before us, and free again when
// the place goes, however this process ends.
class LockPlace {
 public:
  virtual ~LockPlace() = default;
  // "run 41"; none: it is our turn.
  virtual base::Result<std::optional<std::string>> first_before_us() const = 0;
};
using JoinLock = std::function<base::Result<std::unique_ptr<LockPlace>>(const std::string& lock,
                                                                        run::RunId run)>;

struct WorkerTools {
  step::StepTools step;
  // Asked for with the first deployment; deployments run one after another.
  std::function<base::Result<deploy::Deployer*>()> deployer{};
  AwaitDecision decision{};  // needed by approvals only
  JoinLock lock{};           // needed by jobs with a lock only
  link::MakeChild child{};   // needed by jobs that run another pipeline only
};

// What the tools refer to, and every sink that is given to start(), outlives the link. Destroying
// it kills what still runs and waits until all is reported and cleaned up.
std::unique_ptr<link::Link> make_local_worker(WorkerTools tools);

}  // namespace pipeline::worker
