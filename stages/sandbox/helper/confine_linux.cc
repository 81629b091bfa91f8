#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "stages/sandbox/helper/confine.h"
#include "stages/sandbox/helper/landlock.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

Result<> limit(int resource, std::uint64_t value, const char* name) {
  rlimit current{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &current) == 0) {
    value = std::min<std::uint64_t>(value, current.rlim_max);  // raising is not ours to do
  }
  const rlimit wanted{.rlim_cur = value, .rlim_max = value};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) != 0) {
    return base::fail(Error::from_errno(errno, std::string("limit ") + name));
  }
  return {};
}

Result<> drop_capabilities() {
  // Until the kernel says that there are no more.
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;
       ++capability) {
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[2] = {};
  if (::syscall(SYS_capset, &header, none) != 0) {
    return base::fail(Error::from_errno(errno, "drop capabilities"));
  }
  return {};
}

Result<> install_filter(const std::vector<std::uint64_t>& words) {
  std::vector<sock_filter> instructions(words.size());
  static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));
  std::memcpy(instructions.data(), words.data(), words.size() * sizeof(std::uint64_t));
  sock_fprog program{.len = static_cast<unsigned short>(instructions.size()),
                     .filter = instructions.data()};
  // Without this flag older kernels slow every process of the job down for a side channel against
  // secrets within one process, which is not what this filter is for.
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) !=
      0) {
    return base::fail(Error::from_errno(errno, "install the seccomp filter"));
  }
  return {};
}

}  // namespace

Result<> limit_resources(const model::SandboxSpec& limits) {
  PIPELINE_TRY(limit(RLIMIT_CORE, 0, "core dumps"));
  return limit(RLIMIT_FSIZE, limits.disk, "the size of files");
}

Result<> confine(const Order& order) {
  PIPELINE_TRY(limit_resources(order.plan.limits));
  // Counted for this user in this user namespace (Linux 5.14): exactly the job's threads and pid 1.
  PIPELINE_TRY(limit(RLIMIT_NPROC, order.plan.limits.processes + 1ULL, "processes"));
  PIPELINE_TRY(drop_capabilities());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::fail(Error::from_errno(errno, "renounce new privileges"));
  }
  PIPELINE_TRY(restrict_with_landlock());
  return install_filter(order.filter);
}

}  // namespace pipeline::sandbox::helper
