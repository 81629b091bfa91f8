// The worker of this process: runs every job it is given at once, each on a thread that is kept for
// the next one. How many jobs run at a time is the engine's decision.
#pragma once

#include <functional>
#include <memory>

#include "agents/link/link.h"
#include "stages/deploy/deployer.h"
#include "stages/step/step.h"

namespace pipeline::worker {

struct WorkerTools {
  step::StepTools step;
  // Asked for with the first deployment; deployments run one after another.
  std::function<base::Result<deploy::Deployer*>()> deployer{};
};

// What the tools refer to, and every sink that is given to start(), outlives the link. Destroying
// it kills what still runs and waits until all is reported and cleaned up.
std::unique_ptr<link::Link> make_local_worker(WorkerTools tools);

}  // namespace pipeline::worker
