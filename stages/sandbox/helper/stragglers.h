// Killing what a job left behind where no pid namespace does it (`--sandbox=none`). This process
// must be a child subreaper, so that whatever the job daemonises becomes its child.
#pragma once

namespace pipeline::sandbox::helper {

// Every process that descends from this one.
void signal_descendants(int number);
// KILL, and reap, until none is left. Best effort: it ends when a second passes without progress.
void kill_descendants();
// Reaps what has ended, but not `keep`.
void reap_orphans(int keep);

}  // namespace pipeline::sandbox::helper
