#include "stages/sandbox/seccomp_filter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "stages/host/file.h"

namespace pipeline::sandbox {

using base::Error;
using base::Result;

namespace {

// Newer than Debian 12's headers.
constexpr int kOpenTreeAttr = 467;
constexpr int kFchmodat2 = 452;

// Programs that try these fall back when the call is unknown, and give up when it is forbidden.
constexpr std::array kUnknown = {
    SCMP_SYS(clone3),   // its flags are in memory, where a filter cannot look
    SCMP_SYS(openat2),  // its mode likewise
    kFchmodat2,
    SCMP_SYS(io_uring_setup),  // does system calls that no filter sees
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(bpf),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(add_key),  // keyrings know no namespaces
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
};

constexpr std::array kForbidden = {
    // The mount table is the sandbox.
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(open_tree),
    kOpenTreeAttr,
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    // Other namespaces, other machines' worth of rights.
    SCMP_SYS(setns),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(quotactl),
    SCMP_SYS(quotactl_fd),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(reboot),
    SCMP_SYS(syslog),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(vhangup),
};

constexpr std::array<std::uint64_t, 8> kNamespaceFlags = {
    CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET, CLONE_NEWTIME};

// Calls that take a file mode, and the argument it is in.
struct ModeArgument {
  int call;
  unsigned argument;
};
constexpr std::array kModes = {
    ModeArgument{SCMP_SYS(chmod), 1},    ModeArgument{SCMP_SYS(fchmod), 1},
    ModeArgument{SCMP_SYS(fchmodat), 2}, ModeArgument{SCMP_SYS(creat), 1},
    ModeArgument{SCMP_SYS(mknod), 1},    ModeArgument{SCMP_SYS(mknodat), 2}};
// Those that have a mode only when the flags, one argument before it, ask for a new file; otherwise
// it is whatever the register holds.
constexpr std::array kOpenModes = {ModeArgument{SCMP_SYS(open), 2},
                                   ModeArgument{SCMP_SYS(openat), 3}};
constexpr std::array kCreatingFlags = {std::uint64_t{O_CREAT},
                                       std::uint64_t{O_TMPFILE & ~O_DIRECTORY}};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW)) {
    if (!context_) error_ = -ENOMEM;
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    set(SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree instead of a list
  }

  template <class... Compare>
  void refuse(int with, int call, Compare... compare) {
    if (error_ != 0) return;
    const std::array<scmp_arg_cmp, sizeof...(Compare)> list{compare...};
    error_ = seccomp_rule_add_array(context_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(with)),
                                    call, static_cast<unsigned>(list.size()),
                                    list.empty() ? nullptr : list.data());
  }

  Result<std::vector<std::uint64_t>> compile() {
    const host::UniqueFd memory(::memfd_create("filter", MFD_CLOEXEC));
    if (error_ == 0 && !memory) error_ = -errno;
    if (error_ == 0) error_ = seccomp_export_bpf(context_.get(), memory.get());
    if (error_ != 0) return base::fail(Error::from_errno(-error_, "compile the seccomp filter"));
    ::lseek(memory.get(), 0, SEEK_SET);
    PIPELINE_ASSIGN(const std::string bytes, host::read_all(memory.get()));
    std::vector<std::uint64_t> words(bytes.size() / sizeof(std::uint64_t));
    std::memcpy(words.data(), bytes.data(), words.size() * sizeof(std::uint64_t));
    return words;
  }

 private:
  struct Release {
    void operator()(void* context) const { seccomp_release(context); }
  };
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    if (error_ == 0) error_ = seccomp_attr_set(context_.get(), attribute, value);
  }

  std::unique_ptr<void, Release> context_;
  int error_ = 0;
};

scmp_arg_cmp has_bits(unsigned argument, std::uint64_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, bits};
}

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

void refuse_socket_families(Filter& filter) {
  // Unix, IPv4, IPv6 and netlink (which libc needs to list interfaces) stay; AF_VSOCK, AF_PACKET,
  // AF_ALG and the rarely tested rest go.
  for (std::uint64_t family = 0; family < AF_NETLINK; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6) continue;
    filter.refuse(EAFNOSUPPORT, SCMP_SYS(socket), equals(0, family));
  }
  filter.refuse(EAFNOSUPPORT, SCMP_SYS(socket), scmp_arg_cmp{0, SCMP_CMP_GT, AF_NETLINK, 0});
}

Result<std::vector<std::uint64_t>> compile() {
  Filter filter;
  for (const int call : kUnknown) filter.refuse(ENOSYS, call);
  for (const int call : kForbidden) filter.refuse(EPERM, call);
  for (const std::uint64_t flag : kNamespaceFlags) {
    filter.refuse(EPERM, SCMP_SYS(clone), has_bits(0, flag));
    filter.refuse(EPERM, SCMP_SYS(unshare), has_bits(0, flag));
  }
  for (const std::uint64_t bit : {std::uint64_t{S_ISUID}, std::uint64_t{S_ISGID}}) {
    for (const ModeArgument& mode : kModes) {
      filter.refuse(EPERM, mode.call, has_bits(mode.argument, bit));
    }
    for (const ModeArgument& mode : kOpenModes) {
      for (const std::uint64_t flag : kCreatingFlags) {
        filter.refuse(EPERM, mode.call, has_bits(mode.argument - 1, flag),
                      has_bits(mode.argument, bit));
      }
    }
  }
  // Typing into a terminal; the kernel looks at 32 bits, so the filter must too.
  for (const std::uint64_t command : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}}) {
    filter.refuse(EPERM, SCMP_SYS(ioctl),
                  scmp_arg_cmp{1, SCMP_CMP_MASKED_EQ, 0xffffffffU, command});
  }
  refuse_socket_families(filter);
  return filter.compile();
}

}  // namespace

Result<std::vector<std::uint64_t>> job_filter() {
  static const Result<std::vector<std::uint64_t>> filter = compile();
  return filter;
}

}  // namespace pipeline::sandbox
