#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/helper_program.h"
#include "stages/sandbox/capabilities.h"
#include "stages/sandbox/cgroup_places.h"
#include "stages/sandbox/launch.h"

namespace pipeline::sandbox {

namespace {

using Attempt = int (*)();  // 0, or the errno that says why not

// In a child, because it changes the whole process. Between fork and _exit only system calls are
// made: other threads of this program may hold locks.
int in_child(Attempt attempt) {
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) ::_exit(attempt());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

bool put(const char* path, const char* text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::write(fd, text, std::strlen(text)) > 0;
  ::close(fd);
  return done;
}

// A user namespace in which we are uid 1000, as jobs are.
int enter_user_namespace(int more) {
  char uid_map[32];
  char gid_map[32];
  std::snprintf(uid_map, sizeof uid_map, "1000 %u 1", ::geteuid());
  std::snprintf(gid_map, sizeof gid_map, "1000 %u 1", ::getegid());
  if (::unshare(CLONE_NEWUSER | more) != 0) return errno;
  if (!put("/proc/self/setgroups", "deny") || !put("/proc/self/gid_map", gid_map) ||
      !put("/proc/self/uid_map", uid_map)) {
    return errno;
  }
  return 0;
}

int try_user_namespace() {
  return enter_user_namespace(0);
}
int try_network_namespace() {
  return enter_user_namespace(CLONE_NEWNET);
}

int try_overlay() {
  if (const int error = enter_user_namespace(CLONE_NEWNS)) return error;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", "/tmp", "tmpfs", 0, nullptr) != 0 || ::chdir("/tmp") != 0) {
    return errno;
  }
  for (const char* directory : {"lower", "upper", "work", "merged"}) {
    if (::mkdir(directory, 0755) != 0) return errno;
  }
  return ::mount("overlay", "merged", "overlay", 0,
                 "lowerdir=lower,upperdir=upper,workdir=work,userxattr") == 0
             ? 0
             : errno;
}

int try_proc() {
  if (const int error = enter_user_namespace(CLONE_NEWNS | CLONE_NEWPID)) return error;
  return in_child([] {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
    return ::mount("proc", "/proc", "proc", 0, nullptr) == 0 ? 0 : errno;
  });
}

std::string reason(int error) {
  return "refused: " + std::string(::strerrordesc_np(error));
}

bool setting_is(const char* path, std::string_view value) {
  const auto text = host::read_file(path);
  return text && base::trim(*text) == value;
}

std::string user_namespace_remedy(int error) {
  if (error == ENOSPC) return "sysctl -w user.max_user_namespaces=100000";
  if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", "0")) {
    return "sysctl -w kernel.unprivileged_userns_clone=1";
  }
  if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")) {
    return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  }
  return "in a container: start it with --security-opt seccomp=unconfined; elsewhere ask for a "
         "kernel with CONFIG_USER_NS";
}

Capability user_namespaces() {
  const int error = in_child(try_user_namespace);
  if (error == 0) {
    return {.name = "user namespaces", .found = "available"};
  }
  return {.name = "user namespaces",
          .support = Support::missing,
          .found = reason(error),
          .consequence = "no isolation can be built without them",
          .remedy = user_namespace_remedy(error)};
}

Capability network_namespaces() {
  const int error = in_child(try_network_namespace);
  if (error == 0) {
    return {.name = "network namespaces", .found = "available"};
  }
  return {.name = "network namespaces",
          .support = Support::missing,
          .found = reason(error),
          .consequence = "jobs without network = \"host\" cannot run",
          .remedy = "sysctl -w user.max_net_namespaces=100000"};
}

Capability overlay() {
  const int error = in_child(try_overlay);
  if (error == 0) {
    return {.name = "overlayfs", .found = "available"};
  }
  return {.name = "overlayfs",
          .support = Support::partial,
          .found = reason(error),
          .consequence = "workspaces are copied, which takes time and space",
          .remedy = error == ENODEV
                        ? "modprobe overlay"
                        : "use a kernel from 5.11 on, which allows it to ordinary users"};
}

Capability process_file_system() {
  const int error = in_child(try_proc);
  if (error == 0) {
    return {.name = "own /proc", .found = "available"};
  }
  return {
      .name = "own /proc",
      .support = Support::missing,
      .found = reason(error),
      .consequence =
          "parts of /proc are hidden, as in most containers, and the kernel then "
          "refuses a new one",
      .remedy = "start the container with --security-opt systempaths=unconfined, or --privileged"};
}

Capability control_groups() {
  const CgroupPlaces places = find_cgroup_places();
  Capability result{.name = "cgroups", .found = {}};
  if (places.v2) {
    result.found = "version 2, below " + places.v2->string();
  } else if (places.v1_memory) {
    result.found = places.v1_cpu ? "version 1: memory, cpu" : "version 1: memory";
  } else {
    result.support = Support::partial;
    result.found = places.v2_mounted ? "mounted, nothing delegated to us" : "not mounted";
    result.consequence =
        "memory limits are watched from outside, and a fast job can exceed them for a moment; cpu "
        "limits do not hold";
    result.remedy =
        "run under `systemd-run --user --scope pipeline ...`, or start the service with "
        "Delegate=yes";
  }
  return result;
}

Capability landlock() {
  constexpr long kAbiWithScopes = 6;
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  Capability result{.name = "Landlock", .found = {}};
  result.found = abi > 0 ? "ABI " + std::to_string(abi) : "not available";
  if (abi < kAbiWithScopes) {
    result.support = Support::partial;
    result.consequence =
        "a job that asks for network = \"host\" can reach abstract sockets of the host";
    result.remedy = "use a kernel from 6.12 on, with landlock in the lsm= list of its command line";
  }
  return result;
}

Capability seccomp() {
  if (::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0) {
    return {.name = "seccomp", .found = "available"};
  }
  return {.name = "seccomp",
          .support = Support::missing,
          .found = "not in this kernel",
          .consequence = "dangerous system calls could not be refused",
          .remedy = "use a kernel with CONFIG_SECCOMP_FILTER"};
}

Capability kernel() {
  utsname names{};
  ::uname(&names);
  int major = 0;
  int minor = 0;
  const bool known =
      std::sscanf(names.release, "%d.%d", &major, &minor) == 2;  // NOLINT(cert-err34-c)
  Capability result{.name = "kernel", .found = names.release};
  if (!known || major * 1000 + minor < 5014) {
    result.support = Support::missing;
    result.consequence = "limits on processes are counted per job only from Linux 5.14 on";
    result.remedy = "use Debian 12's kernel or a newer one";
  }
  return result;
}

Capability helper() {
  const auto program = host::find_helper(kHelperName);
  if (program) {
    return {.name = "sandbox helper", .found = *program, .consequence = {}, .remedy = {}};
  }
  return {.name = "sandbox helper",
          .support = Support::missing,
          .found = program.error().to_string(),
          .consequence = "it is the program that runs jobs",
          .remedy = "install pipeline-sandbox beside pipeline; scripts/build makes both"};
}

}  // namespace

std::vector<Capability> probe_environment() {
  return {kernel(),  user_namespaces(), network_namespaces(), process_file_system(),
          overlay(), control_groups(),  landlock(),           seccomp()};
}

std::vector<Capability> probe_capabilities() {
  auto capabilities = probe_environment();
  capabilities.insert(capabilities.begin() + 1, helper());
  return capabilities;
}

}  // namespace pipeline::sandbox
