#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "stages/host/file.h"
#include "stages/sandbox/helper/landlock.h"
#include "stages/sandbox/helper/root_fs.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

// The headers of Debian 12 know ABI 2; these are ABI 3, 5 and 6 (Documentation/userspace-api/
// landlock.rst of the kernel).
constexpr std::uint64_t kTruncate = 1ULL << 14U;
constexpr std::uint64_t kIoctlDevice = 1ULL << 15U;
constexpr std::uint64_t kScopeAbstractSocket = 1ULL << 0U;
constexpr std::uint64_t kScopeSignal = 1ULL << 1U;
constexpr int kAbiWithScopes = 6;

struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;
  std::uint64_t scoped = 0;
};

constexpr std::uint64_t kChanges =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

std::uint64_t write_rights(int abi) {
  std::uint64_t rights = LANDLOCK_ACCESS_FS_WRITE_FILE | kChanges;
  if (abi >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) rights |= kTruncate;
  if (abi >= 5) rights |= kIoctlDevice;
  return rights;
}

Result<> allow(int ruleset, const char* path, std::uint64_t rights) {
  PIPELINE_ASSIGN(const auto place, host::open_file(path, O_PATH));
  const landlock_path_beneath_attr rule{.allowed_access = rights, .parent_fd = place.get()};
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return base::fail(Error::from_errno(errno, std::string("allow ") + path));
  }
  return {};
}

}  // namespace

Result<> restrict_with_landlock() {
  const auto abi = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
  if (abi < 1) return {};
  const std::uint64_t rights = write_rights(abi);
  RulesetAttributes attributes{.handled_access_fs = rights};
  if (abi >= kAbiWithScopes) attributes.scoped = kScopeAbstractSocket | kScopeSignal;
  // Older kernels refuse a structure with fields that they do not know.
  const std::size_t size = abi >= kAbiWithScopes ? sizeof attributes : sizeof(std::uint64_t);
  const host::UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset) return base::fail(Error::from_errno(errno, "make a Landlock ruleset"));

  for (const char* path : {kWorkspace, kHome, "/tmp", "/var/tmp", "/dev"}) {
    PIPELINE_TRY(allow(ruleset.get(), path, rights));
  }
  // A process may write to its own files there (oom_score_adj, comm); nothing can be made there.
  PIPELINE_TRY(allow(ruleset.get(), "/proc", rights & ~kChanges & ~LANDLOCK_ACCESS_FS_REFER));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return base::fail(Error::from_errno(errno, "apply Landlock"));
  }
  return {};
}

}  // namespace pipeline::sandbox::helper
