#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "stages/host/file.h"
#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/command_loop.h"
#include "stages/sandbox/helper/confine.h"
#include "stages/sandbox/helper/inside.h"
#include "stages/sandbox/helper/root_fs.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// Number of the channel once the descriptors are in order: 0, 1, 2, channel, nothing else.
constexpr int kChannel = 3;

tl::unexpected<Error> failed(const std::string& attempt) {
  return base::fail(Error::from_errno(errno, attempt));
}

Result<> enter_cgroups(const InsideSetup& setup) {
  for (const int entrance : setup.cgroup_entrances) {
    if (::write(entrance, "0", 1) != 1) return failed("enter the job's cgroup");
  }
  return {};
}

Result<> read_from_nothing() {
  PIPELINE_ASSIGN(const auto null, host::open_file("/dev/null", O_RDONLY));
  if (::dup2(null.get(), 0) < 0) return failed("close standard input");
  return {};
}

Result<> arrange_descriptors(const InsideSetup& setup) {
  PIPELINE_TRY(read_from_nothing());
  // Above what is about to be overwritten.
  const host::UniqueFd channel(::fcntl(setup.channel, F_DUPFD_CLOEXEC, 16));
  const host::UniqueFd output(::fcntl(setup.output, F_DUPFD_CLOEXEC, 16));
  if (::dup2(output.get(), 1) < 0 || ::dup2(output.get(), 2) < 0 ||
      ::dup3(channel.get(), kChannel, O_CLOEXEC) < 0 || ::close_range(kChannel + 1, ~0U, 0) != 0) {
    return failed("arrange descriptors");
  }
  return {};
}

// The helper may die at any moment, and nothing of the job must outlive it.
Result<> die_with_helper() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed("tie the job to its helper");
  return {};
}

Result<> become_job_user(const InsideSetup& setup) {
  const bool isolated = setup.order.plan.isolation == Isolation::full;
  const uid_t uid = isolated ? kInnerId : setup.outer_user.uid;
  const gid_t gid = isolated ? kInnerId : setup.outer_user.gid;
  // Refused where the maps were written without privileges; the groups are then the user's own.
  if (::setgroups(0, nullptr) != 0 && errno != EPERM) return failed("leave all groups");
  if (::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0) {
    return failed("become the job's user");
  }
  // The kernel forgets the request when a process changes who it is.
  return die_with_helper();
}

Result<> raise_loopback() {
  const host::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
    return failed("start the loopback interface");
  }
  return {};
}

Result<> enter_workdir(const std::string& workdir) {
  if (::chdir(kWorkspace) != 0 || (!workdir.empty() && ::chdir(workdir.c_str()) != 0)) {
    return failed("enter the work directory " + workdir);
  }
  return {};
}

Result<Watched> isolate(const InsideSetup& setup) {
  const SandboxPlan& plan = setup.order.plan;
  // Not before we are in our cgroups, so that their paths are the namespace's roots.
  if (::unshare(CLONE_NEWCGROUP) != 0) return failed("make a cgroup namespace");
  PIPELINE_ASSIGN(const Sources sources, open_sources(plan));
  PIPELINE_TRY(become_job_user(setup));
  PIPELINE_ASSIGN(Watched watched, build_root(plan, sources));
  // The one from before belongs to a mount of the host.
  PIPELINE_TRY(read_from_nothing());
  if (::sethostname("job", 3) != 0) return failed("name the host");
  if (plan.limits.network == model::NetworkMode::none) {
    PIPELINE_TRY(raise_loopback());
  }
  PIPELINE_TRY(enter_workdir(plan.workdir));
  PIPELINE_TRY(confine(setup.order));
  return watched;
}

// `--sandbox=none`: the same user, limits that need no privileges, and the workspace's copy.
Result<> stay_outside(const InsideSetup& setup) {
  const SandboxPlan& plan = setup.order.plan;
  PIPELINE_TRY(become_job_user(setup));
  const auto directory = plan.workspace.upper / plan.workdir;
  if (::chdir(directory.c_str()) != 0) return failed("enter " + directory.string());
  return limit_resources(plan.limits);
}

Result<Watched> set_up(const InsideSetup& setup) {
  const auto entered = enter_cgroups(setup);
  PIPELINE_TRY(arrange_descriptors(setup));
  PIPELINE_TRY(entered);
  PIPELINE_TRY(die_with_helper());
  const auto order = receive_order(kChannel);
  if (!order || order->kind != ToInside::Kind::go) {
    return base::fail(ErrorKind::cancelled, "the helper has gone");
  }
  ::setsid();
  ::umask(022);
  if (setup.order.plan.isolation == Isolation::full) return isolate(setup);
  PIPELINE_TRY(stay_outside(setup));
  return Watched{};
}

}  // namespace

void run_inside(const InsideSetup& setup) {
  auto watched = set_up(setup);
  if (!watched) {
    send(kChannel, failure(watched.error()));
    ::_exit(1);
  }
  // No process of the job may trace pid 1 or reach into it through /proc.
  ::prctl(PR_SET_DUMPABLE, 0);
  std::vector<int> descriptors;
  if (watched->processes) {
    descriptors = {watched->processes.get(), watched->temporary.get()};
  }
  if (!send(kChannel, FromInside{.kind = FromInside::Kind::ready}, descriptors)) ::_exit(1);
  watched->processes.reset();
  watched->temporary.reset();
  run_commands(setup.order.plan, kChannel);
}

}  // namespace pipeline::sandbox::helper
