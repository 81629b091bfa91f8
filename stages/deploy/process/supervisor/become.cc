#include "stages/deploy/process/supervisor/become.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace pipeline::deploy::process {

namespace {

constexpr int kCannotExecute = 126;  // as shells say it

int complain(const char* attempt) {
  std::fprintf(stderr, "pipeline-instance: cannot %s: %s\n", attempt, std::strerror(errno));
  return kCannotExecute;
}

bool take_on(uid_t uid, gid_t gid) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(gid, gid, gid) == 0 &&
         ::setresuid(uid, uid, uid) == 0;
}

}  // namespace

std::vector<std::string> become_arguments(const Order& order) {
  const auto user = order.user.value_or(host::FileOwner{::geteuid(), ::getegid()});
  return {"--become", std::to_string(user.uid), std::to_string(user.gid),
          std::to_string(::getpid()), order.spec.start};
}

int become(int argc, char** argv) {
  constexpr int kArguments = 6;
  if (argc != kArguments) return kCannotExecute;
  const auto uid = static_cast<uid_t>(std::strtoul(argv[2], nullptr, 10));
  const auto gid = static_cast<gid_t>(std::strtoul(argv[3], nullptr, 10));
  const auto parent = static_cast<pid_t>(std::strtol(argv[4], nullptr, 10));
  if (uid != ::geteuid() && !take_on(uid, gid)) return complain("become the instance's user");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return complain("give up privileges");
  // After the change of user, which clears it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return complain("follow the supervisor");
  if (::getppid() != parent) return kCannotExecute;  // it died before we asked to follow
  ::umask(022);
  ::execl("/bin/sh", "/bin/sh", "-c", argv[5], nullptr);
  return complain("run /bin/sh");
}

}  // namespace pipeline::deploy::process
