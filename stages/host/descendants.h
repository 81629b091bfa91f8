// Everything that descends from this process, also what double-forked or made a session of its own.
// It must be a child subreaper (prctl(PR_SET_CHILD_SUBREAPER)), so that what loses its parent
// becomes its child; and it must have no children but those that may be killed.
#pragma once

namespace pipeline::host {

void signal_descendants(int number);

// KILL, and reap, until none is left. Best effort: it ends when a second passes without progress.
void kill_descendants();

// Reaps what has ended, but not `keep`, whose status somebody else waits for.
void reap_orphans(int keep);

}  // namespace pipeline::host
