// What a worker of this machine waits for outside of its jobs, from the state directory: people's
// decisions and locks.
#pragma once

#include "agents/worker/local_worker.h"
#include "runner/store/paths.h"

namespace pipeline {

worker::AwaitDecision decisions_in(const store::Paths& paths);
worker::JoinLock locks_in(const store::Paths& paths);

}  // namespace pipeline
