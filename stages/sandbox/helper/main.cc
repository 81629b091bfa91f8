// pipeline-sandbox: applies one SandboxPlan, supervises the job, writes result.json. This comment
// is its specification.
//
// Started once by stages/sandbox/launch.cc, with an empty environment and these descriptors:
//   2  where complaints go    3  a socket over which it is asked for helpers (wire.h)
// It takes no arguments and reads no configuration: who can start it can do no more than before.
// This first process, the zygote, does nothing but fork a helper for each request; it ends when its
// socket closes.
//
// What a helper does, in this order; [order] marks what waits for the plan:
//   outside, as whoever started it (root keeps its rights only here):
//     1. makes a cgroup: v2 below the nearest delegated directory, else v1, else none
//     2. clone3 with new user, mount, pid, ipc, uts and (unless asked otherwise) network
//        namespaces, born into the v2 cgroup; writes the id maps: the job's user, and nobody else,
//        is 1000 inside. Root's jobs are the dedicated user of stages/host/job_user.h: host uid 0
//        is mapped nowhere
//   inside, as pid 1 (inside.h), dying with the helper:
//     3. builds its file system on a tmpfs (root_fs.h), with files of the job's user: system
//        directories read-only, one tmpfs for /tmp, /var/tmp, /dev/shm and the home, a minimal
//        /dev, a new /proc, no /sys; pivot_root; loopback up, host name
//   outside again:
//     4. [order] opens the log, gives upper and scratch directory to the job's user, sets limits
//   inside:
//     5. [order] enters a v1 cgroup; cgroup namespace; opens what it was given; becomes the job's
//        user
//     6. [order] the workspace as overlayfs, artifacts; the host's root goes, ours is read-only
//     7. [order] resource limits, capabilities, no-new-privs, Landlock, seccomp (confine.h)
//     8. tells that it is ready, then starts services and runs commands as it is told to, and reaps
//   outside again:
//     9. has the services started, each when the one before is ready, then hands out one command at
//        a time; the first failure ends the job
//    10. spools output through the masker into the log, that of each service into one of its own;
//        marks where commands begin and end
//    11. enforces timeout, disk and memory; stops in two phases: TERM to all, KILL after the grace
//    time
//    12. kills pid 1, and with it every process of the namespace; waits until that is done
//    13. removes the cgroup, completes the log, writes result.json by rename
//
// Services are processes like commands, with an environment and a pipe of their own. Whether one is
// ready is looked at from inside, because only there is the job's loopback: each look is a process
// of its own, forked by pid 1, that runs the command or asks the port or URL. What the last look
// said goes to the service's log when it was not ready in time. A service that is not ready in
// time, or ends before the commands, ends the job: the result's cause is `service`, its reason
// quotes the service's last lines. When the commands are over, or a service has failed, whatever
// still runs is ended one after the other: the command, then the services from the last to the
// first, each by TERM to its process group, and KILL after the grace time. Stopping and the timeout
// do not wait for that order: TERM goes to all at once. Readiness counts against the timeout.
//
// Whatever step fails, the job is not run and the result's cause is `setup`. With Isolation::none
// only 1, 4, 5 (the user), 8–13 happen, in a copy of the workspace, and what the job leaves behind
// is found by being its subreaper.
//
// How it ends: when the job is over; when the control socket closes (the launcher died, or has no
// job for it) or a termination signal arrives: KILL at once, then as above. When it is itself
// killed with -9, the kernel kills pid 1 (PR_SET_PDEATHSIG) and so the namespace; the cgroup is
// removed by the next zygote, the log stays readable, and there is no result.json.
#include <unistd.h>

#include <csignal>

#include "stages/host/packet.h"
#include "stages/sandbox/helper/cgroup.h"
#include "stages/sandbox/helper/serve.h"
#include "stages/sandbox/wire.h"

namespace {

using namespace pipeline;
using sandbox::helper::serve;

void complain(int complaints, const base::Error& error) {
  const std::string complaint = "pipeline-sandbox: " + error.to_string() + "\n";
  (void)!::write(complaints, complaint.data(), complaint.size());
}

[[noreturn]] void become_helper(sandbox::Confinement confinement, int control, int complaints,
                                const sandbox::CgroupPlaces& places) {
  ::signal(SIGCHLD, SIG_DFL);
  ::setsid();
  ::dup2(complaints, STDERR_FILENO);
  ::close(complaints);
  ::close(sandbox::kZygoteFd);
  const auto served = serve(confinement, control, places);
  if (!served) complain(STDERR_FILENO, served.error());
  ::_exit(served ? 0 : 1);
}

// Waits for requests; returns when nobody can make any more.
void fork_helpers() {
  const sandbox::CgroupPlaces places = sandbox::find_cgroup_places();
  sandbox::helper::remove_leftover_cgroups(places);
  while (const auto birth = host::receive_message<sandbox::Birth>(sandbox::kZygoteFd)) {
    if (birth->descriptors.size() != 2) continue;
    const int control = birth->descriptors[0].get();
    const int complaints = birth->descriptors[1].get();
    const pid_t helper = ::fork();
    if (helper == 0) become_helper(birth->message.confinement, control, complaints, places);
    // The launcher sees the control socket close.
    if (helper < 0) complain(complaints, base::Error::from_errno(errno, "fork"));
  }
}

}  // namespace

int main() {
  // Nobody waits for helpers: that their control sockets close says enough.
  ::signal(SIGCHLD, SIG_IGN);
  fork_helpers();
  return 0;
}
