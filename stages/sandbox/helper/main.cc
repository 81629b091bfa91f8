// pipeline-sandbox: applies one SandboxPlan, supervises the job, writes result.json. This comment
// is its specification.
//
// Started by stages/sandbox/launch.cc with an empty environment and these descriptors:
//   2  where complaints go that concern the helper itself    3  control socket (wire.h)
//   4  the order (order.h) in a memfd
// It takes no arguments and reads no configuration: who can start it can do no more than before.
//
// What it does, in this order:
//   outside, as whoever started it (root keeps its rights only here):
//     1. reads the order, opens the log, gives upper and scratch directory to the job's user
//     2. makes a cgroup: v2 below the nearest delegated directory, else v1, else none
//     3. clone3 with new user, mount, pid, ipc, uts and (unless asked otherwise) network
//     namespaces,
//        born into the v2 cgroup; writes the id maps: the job's user, and nobody else, is 1000
//        inside. Root's jobs are the dedicated user of stages/host/job_user.h: host uid 0 is mapped
//        nowhere
//   inside, as pid 1 (inside.h), dying with the helper:
//     4. cgroup namespace; opens what it was given; becomes the job's user
//     5. builds its file system on a tmpfs (root_fs.h): system directories read-only, the workspace
//     as
//        overlayfs, one size-limited tmpfs for /tmp, /var/tmp, /dev/shm and the home, a minimal
//        /dev, a new /proc, no /sys; pivot_root; root read-only
//     6. loopback up, host name, work directory
//     7. resource limits, capabilities, no-new-privs, Landlock, seccomp (confine.h)
//     8. tells that it is ready, then runs commands as it is told to, and reaps
//   outside again:
//     9. hands out one command at a time; the first failure ends the job
//    10. spools output through the masker into the log; marks where commands begin and end
//    11. enforces timeout, disk and memory; stops in two phases: TERM to all, KILL after the grace
//    time
//    12. kills pid 1, and with it every process of the namespace; waits until that is done
//    13. removes the cgroup, completes the log, writes result.json by rename, exits 0
//
// Whatever step fails, the job is not run and the result's cause is `setup`. With Isolation::none
// only 1, 2, 4 (the user), 8–13 happen, in a copy of the workspace, and what the job leaves behind
// is found by being its subreaper.
//
// How it ends: when the job is over; when the control socket closes (the launcher died) or a
// termination signal arrives: KILL at once, then as above. When it is itself killed with -9, the
// kernel kills pid 1 (PR_SET_PDEATHSIG) and so the namespace; the cgroup is removed by the next
// helper, the log stays readable, and there is no result.json.
//
// Exit status: 0 with a result.json, 1 without.
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "stages/host/file.h"
#include "stages/sandbox/helper/supervisor.h"
#include "stages/sandbox/order.h"
#include "stages/sandbox/wire.h"

namespace {

using namespace pipeline;
using base::Result;

// Blocked and read from a descriptor, so that ending always passes through the clean-up.
host::UniqueFd termination_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return host::UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

sandbox::SandboxResult not_set_up(const base::Error& error) {
  return {.cause = sandbox::SandboxResult::Cause::setup, .reason = error.to_string()};
}

sandbox::SandboxResult run(const sandbox::Order& order, int signals) {
  auto supervisor = sandbox::helper::Supervisor::create(order, sandbox::kControlFd, signals);
  if (!supervisor) return not_set_up(supervisor.error());
  return (*supervisor)->run();
}

Result<> serve() {
  ::signal(SIGPIPE, SIG_IGN);
  const host::UniqueFd signals = termination_signals();
  const host::UniqueFd memory(sandbox::kOrderFd);
  PIPELINE_ASSIGN(const std::string text, host::read_all(memory.get()));
  PIPELINE_ASSIGN(const sandbox::Order order, sandbox::order_from_json(text));
  const sandbox::SandboxResult result = run(order, signals.get());
  return host::write_file(order.plan.log_directory / sandbox::kResultName, sandbox::to_json(result),
                          host::Durability::cached);
}

}  // namespace

int main() {
  const auto served = serve();
  if (served) return 0;
  const std::string complaint = "pipeline-sandbox: " + served.error().to_string() + "\n";
  (void)!::write(STDERR_FILENO, complaint.data(), complaint.size());
  return 1;
}
