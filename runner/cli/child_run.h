// Runs that jobs of kind `pipeline` begin. Each is a run like any other, with its number, its
// events and its lease, driven on the thread of its job by parts of the program of its own.
#pragma once

#include "agents/link/child_run.h"
#include "runner/cli/secret_sources.h"
#include "runner/cli/services.h"

namespace pipeline::cli {

// For a run that is driven with `services`. A child finds its secrets in the same sources, and runs
// as many jobs at a time as its parent. The arguments outlive every child.
link::MakeChild child_runs(Services& services, const SecretSources& secrets, SandboxWish sandbox);

}  // namespace pipeline::cli
