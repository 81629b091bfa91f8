#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>

#include "stages/host/file.h"
#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/command_loop.h"
#include "stages/sandbox/helper/confine.h"
#include "stages/sandbox/helper/inside.h"
#include "stages/sandbox/helper/root_fs.h"
#include "stages/sandbox/order.h"

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

Result<> enter_cgroups(std::span<const host::UniqueFd> entrances) {
  for (const auto& entrance : entrances) {
    if (::write(entrance.get(), "0", 1) != 1) return failed("enter the job's cgroup");
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
  const bool isolated = setup.confinement != Confinement::none;
  const uid_t uid = isolated ? kInnerId : setup.outer_user.uid;
  const gid_t gid = isolated ? kInnerId : setup.outer_user.gid;
  // System calls, not the library's functions of these names: those have every thread of the
  // process do the same, and after clone wait for ever for threads that only the helper has.
  // Refused where the maps were written without privileges; the groups are then the user's own.
  if (::syscall(SYS_setgroups, 0, nullptr) != 0 && errno != EPERM) {
    return failed("leave all groups");
  }
  if (::syscall(SYS_setresgid, gid, gid, gid) != 0 ||
      ::syscall(SYS_setresuid, uid, uid, uid) != 0) {
    return failed("become the job's user");
  }
  // The kernel forgets the request when a process changes who it is.
  return die_with_helper();
}

// Files as the job's user, to whom the new root belongs; everything else stays as it was, because
// the host's directories are still to be opened with the rights of whoever started the helper.
void make_files_as_job_user() {
  ::setfsgid(kInnerId);
  ::setfsuid(kInnerId);
}

// Back to who we are, whom this user namespace has no number for. The kernel forgets the request to
// die with the helper whenever these change.
Result<> make_files_as_before() {
  // By system calls, as above.
  if (::syscall(SYS_setregid, -1, -1) != 0 || ::syscall(SYS_setreuid, -1, -1) != 0) {
    return failed("return to the user of the helper");
  }
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

Result<> enter_workdir(const char* workspace, const std::string& workdir) {
  if (::chdir(workspace) != 0) return failed("enter the workspace");
  if (workdir.empty() || ::chdir(workdir.c_str()) == 0) return {};
  return base::fail(Error(ErrorKind::invalid, "the work directory \"" + workdir +
                                                  "\" of the stage: " + ::strerrordesc_np(errno))
                        .hint("`workdir` is a directory of the repository, or of the outputs of "
                              "a stage that this one needs"));
}

// What a sandbox is whatever its plan.
Result<Watched> isolate(const InsideSetup& setup) {
  make_files_as_job_user();
  auto watched = build_root();
  PIPELINE_TRY(make_files_as_before());
  if (!watched) return watched;
  if (::sethostname("job", 3) != 0) return failed("name the host");
  if (setup.confinement == Confinement::own_network) {
    PIPELINE_TRY(raise_loopback());
  }
  return watched;
}

Result<> furnish(const InsideSetup& setup, const Order& order) {
  // Not before we are in our cgroups, so that their paths are the namespace's roots.
  if (::unshare(CLONE_NEWCGROUP) != 0) return failed("make a cgroup namespace");
  PIPELINE_ASSIGN(const Sources sources, open_sources(order.plan));
  PIPELINE_TRY(become_job_user(setup));
  PIPELINE_TRY(furnish_root(order.plan, sources));
  // The one from before belongs to a mount of the host.
  PIPELINE_TRY(read_from_nothing());
  PIPELINE_TRY(enter_workdir(kWorkspace, order.plan.workdir));
  return confine(order);
}

// `--sandbox=none`: the same user, limits that need no privileges, and the workspace's copy.
Result<> stay_outside(const InsideSetup& setup, const SandboxPlan& plan) {
  PIPELINE_TRY(become_job_user(setup));
  PIPELINE_TRY(enter_workdir(plan.workspace.upper.c_str(), plan.workdir));
  return limit_resources(plan.limits);
}

Result<Instruction> await(ToInside::Kind kind) {
  auto instruction = receive_instruction(kChannel);
  if (!instruction || instruction->message.kind != kind) {
    return base::fail(ErrorKind::cancelled, "the helper has gone");
  }
  return *std::move(instruction);
}

struct Ready {
  Order order;
  Watched watched;
};

Result<Ready> set_up(const InsideSetup& setup) {
  PIPELINE_TRY(arrange_descriptors(setup));
  PIPELINE_TRY(die_with_helper());
  PIPELINE_TRY(await(ToInside::Kind::go));
  ::setsid();
  ::umask(022);
  const bool isolated = setup.confinement != Confinement::none;
  Ready ready;
  if (isolated) {
    PIPELINE_ASSIGN(ready.watched, isolate(setup));
  }
  PIPELINE_ASSIGN(const Instruction instruction, await(ToInside::Kind::order));
  if (instruction.descriptors.empty()) return base::fail(ErrorKind::internal, "no order came");
  PIPELINE_ASSIGN(ready.order, read_order(instruction.descriptors.front().get()));
  PIPELINE_TRY(enter_cgroups(std::span(instruction.descriptors).subspan(1)));
  PIPELINE_TRY(isolated ? furnish(setup, ready.order) : stay_outside(setup, ready.order.plan));
  return ready;
}

}  // namespace

void run_inside(const InsideSetup& setup) {
  auto ready = set_up(setup);
  if (!ready) {
    send(kChannel, failure(ready.error()));
    ::_exit(1);
  }
  // No process of the job may trace pid 1 or reach into it through /proc.
  ::prctl(PR_SET_DUMPABLE, 0);
  Watched& watched = ready->watched;
  std::vector<int> descriptors;
  if (watched.processes) descriptors = {watched.processes.get(), watched.temporary.get()};
  if (!send(kChannel, FromInside{.kind = FromInside::Kind::ready}, descriptors)) ::_exit(1);
  watched.processes.reset();
  watched.temporary.reset();
  run_commands(ready->order.plan, kChannel);
}

}  // namespace pipeline::sandbox::helper
