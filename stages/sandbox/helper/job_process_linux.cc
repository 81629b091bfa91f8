#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "stages/host/file.h"
#include "stages/sandbox/helper/job_process.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

std::uint64_t namespaces_of(Confinement confinement) {
  if (confinement == Confinement::none) return 0;
  std::uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if (confinement == Confinement::own_network) flags |= CLONE_NEWNET;
  return flags;
}

Result<> write_proc(int pid, const char* name, const std::string& text) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  PIPELINE_ASSIGN(const auto file, host::open_file(path, O_WRONLY));
  auto written = host::write_all(file.get(), text);
  if (!written) return base::during(std::move(written), "write " + path);
  return {};
}

std::string hint_for(int error) {
  if (error == ENOSPC) return "raise user.max_user_namespaces with sysctl";
  return "allow unprivileged user namespaces; `pipeline doctor` says how on this machine";
}

}  // namespace

Result<JobProcess> JobProcess::start(const InsideSetup& setup, int cgroup) {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | namespaces_of(setup.confinement);
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);  // NOLINT: the kernel's interface
  arguments.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<unsigned>(cgroup);
  }
  long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  // Inside another sandbox there is no clone3, and no cgroup to be started in either.
  if (pid < 0 && errno == ENOSYS && cgroup < 0) {
    pid = ::syscall(SYS_clone, arguments.flags | arguments.exit_signal, nullptr, &pidfd, 0, 0);
  }
  if (pid < 0) {
    const int error = errno;
    return base::fail(Error::from_errno(error, "make namespaces").hint(hint_for(error)));
  }
  if (pid == 0) run_inside(setup);
  return JobProcess(static_cast<int>(pid), host::UniqueFd(pidfd));
}

Result<> JobProcess::map_ids(const InsideSetup& setup) const {
  if (setup.confinement == Confinement::none) return {};
  const std::string inner = std::to_string(kInnerId) + " ";
  if (::geteuid() != 0) {
    PIPELINE_TRY(write_proc(pid_, "setgroups", "deny"));  // or the kernel refuses a gid_map
  }
  PIPELINE_TRY(write_proc(pid_, "gid_map", inner + std::to_string(setup.outer_user.gid) + " 1"));
  return write_proc(pid_, "uid_map", inner + std::to_string(setup.outer_user.uid) + " 1");
}

void JobProcess::signal(int number) const {
  // It can only fail when the process has ended, which is what a signal is sent for.
  (void)::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

rusage JobProcess::reap() {
  rusage usage{};
  while (::wait4(pid_, nullptr, 0, &usage) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return usage;
}

JobProcess::~JobProcess() {
  if (pid_ < 0) return;
  signal(SIGKILL);
  (void)reap();  // nobody asks what it used
}

}  // namespace pipeline::sandbox::helper
