// Pid 1's working life: waits for orders, starts services and looks whether they are ready, runs
// one command at a time, reaps whatever ends.
#pragma once

#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox::helper {

// SIGTERM to this process is passed on to every other process that it can reach: in a pid namespace
// those of the job. Ends when the channel does.
[[noreturn]] void run_commands(const SandboxPlan& plan, int channel);

}  // namespace pipeline::sandbox::helper
