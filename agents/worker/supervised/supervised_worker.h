// The worker of a run that is to outlive its coordinator: each attempt that runs commands has a
// supervisor, a process of its own, and so has a deployment whose journal is a server's. Other
// attempts (deployments, approvals) stay with an inner worker: they keep what they did elsewhere,
// and can be begun again.
//
// A coordinator that is killed leaves its supervisors to their jobs; the next one finds them by the
// attempts' log directories (README.md). Destroying the worker is another matter: it kills what
// still runs and waits until nothing of it is left.
#pragma once

#include <functional>
#include <memory>

#include "agents/link/link.h"
#include "stages/host/process.h"

namespace pipeline::worker {

// Starts a program that calls supervise(), in a session of its own, and gives it these two: the
// order as JSON, to be read from its beginning, and the control socket that it listens on. They
// stay the caller's, who closes its own copies.
using StartSupervisor = std::function<base::Result<host::Process>(
    const protocol::JobOrder& order, int order_descriptor, int listener)>;

// Sinks outlive it.
base::Result<std::unique_ptr<link::Link>> make_supervised_worker(std::unique_ptr<link::Link> inner,
                                                                 StartSupervisor start);

}  // namespace pipeline::worker
