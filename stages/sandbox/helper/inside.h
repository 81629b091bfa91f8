// Pid 1 of the job: sets the sandbox up from within, first what needs no order, then the rest; runs
// the commands it is told to run, and reaps. It has the job's rights and no more once the first
// command starts; it cannot be traced by the job.
#pragma once

#include "stages/host/file_owner.h"
#include "stages/sandbox/confinement.h"

namespace pipeline::sandbox::helper {

struct InsideSetup {
  Confinement confinement = Confinement::own_network;
  host::FileOwner outer_user;  // who the job is on the host
  int channel = -1;
  int output = -1;  // becomes standard output and error
};

// The job's own ids in its namespace; see the generated /etc/passwd.
inline constexpr unsigned kInnerId = 1000;

// Runs in the new process, on its own copy of the helper's memory.
[[noreturn]] void run_inside(const InsideSetup& setup);

}  // namespace pipeline::sandbox::helper
