#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>

#include "stages/host/file.h"
#include "stages/sandbox/helper/mounts.h"
#include "stages/sandbox/helper/root_fs.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// Where the new root is put together: any directory that every machine has. In our mount namespace
// only, and gone with the old root.
constexpr const char* kStage = "/tmp";
constexpr const char* kHostRoot = "/.host";

constexpr std::array kSystem = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc"};
constexpr std::array kDevices = {"null", "zero", "full", "random", "urandom", "tty"};

constexpr const char* kPasswd =
    "root:x:0:0:root:/root:/usr/sbin/nologin\n"
    "job:x:1000:1000:job:/home/job:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
constexpr const char* kGroup = "root:x:0:\njob:x:1000:\nnogroup:x:65534:\n";

Result<host::UniqueFd> open_place(const std::filesystem::path& path, int flags) {
  return host::open_file(path, O_PATH | flags);
}

// A path of the host as the host sees it, absolute symlinks included.
Result<host::UniqueFd> open_host_path(const std::filesystem::path& path, int flags) {
  PIPELINE_ASSIGN(const auto root, open_place(kHostRoot, O_DIRECTORY));
  open_how how{};
  how.flags = static_cast<__u64>(O_PATH | O_CLOEXEC | flags);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  host::UniqueFd place(
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  if (!place) return base::fail(Error::from_errno(errno, "open " + path.string()));
  return place;
}

Result<> system_directories() {
  for (const char* name : kSystem) {
    const std::string host = std::string("/") + name;
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlink(host.c_str(), target.data(), target.size() - 1);
    if (length > 0) {
      PIPELINE_TRY(make_link(target.data(), name));
      continue;
    }
    if (::access(host.c_str(), F_OK) != 0) continue;  // not every machine has lib32
    PIPELINE_ASSIGN(const auto tree, clone_tree(AT_FDCWD, host, Access::read_only));
    PIPELINE_TRY(make_directory(name));
    PIPELINE_TRY(attach(tree.get(), name));
  }
  return {};
}

Result<> cover_file(const std::string& path, const std::string& text) {
  const std::string source = ".generated/" + path.substr(path.rfind('/') + 1);
  PIPELINE_TRY(make_file(source, text));
  PIPELINE_ASSIGN(const auto tree, clone_tree(AT_FDCWD, source, Access::read_only));
  return attach(tree.get(), path);
}

Result<> identity() {
  PIPELINE_TRY(make_directory(".generated"));
  PIPELINE_TRY(cover_file("etc/passwd", kPasswd));
  return cover_file("etc/group", kGroup);
}

Result<> devices() {
  PIPELINE_TRY(make_directory("dev"));
  for (const char* name : kDevices) {
    const std::string place = std::string("dev/") + name;
    PIPELINE_TRY(make_file(place, ""));
    PIPELINE_ASSIGN(const auto node, clone_tree(AT_FDCWD, "/" + place, Access::as_it_is));
    PIPELINE_TRY(attach(node.get(), place));
  }
  PIPELINE_TRY(make_directory("dev/pts"));
  PIPELINE_TRY(
      mount_new("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"));
  PIPELINE_TRY(make_link("pts/ptmx", "dev/ptmx"));
  PIPELINE_TRY(make_link("/proc/self/fd", "dev/fd"));
  PIPELINE_TRY(make_link("/proc/self/fd/0", "dev/stdin"));
  PIPELINE_TRY(make_link("/proc/self/fd/1", "dev/stdout"));
  return make_link("/proc/self/fd/2", "dev/stderr");
}

// One file system for everything temporary, so that one size limits all of it together.
Result<host::UniqueFd> temporary() {
  PIPELINE_TRY(make_directory("mnt"));
  PIPELINE_TRY(mount_new("tmpfs", "mnt", MS_NOSUID | MS_NODEV, "mode=0755,nr_inodes=1000000"));
  struct Place {
    const char* source;
    const char* target;
    unsigned mode;
  };
  for (const Place& place :
       {Place{"mnt/tmp", "tmp", 01777}, Place{"mnt/var", "var/tmp", 01777},
        Place{"mnt/shm", "dev/shm", 01777}, Place{"mnt/home", "home/job", 0755}}) {
    PIPELINE_TRY(make_directory(place.source, place.mode));
    PIPELINE_TRY(make_directories(place.target));
    PIPELINE_ASSIGN(const auto tree, clone_tree(AT_FDCWD, place.source, Access::as_it_is));
    PIPELINE_TRY(attach(tree.get(), place.target));
  }
  if (::umount2("mnt", MNT_DETACH) != 0 || ::rmdir("mnt") != 0) {
    return base::fail(Error::from_errno(errno, "hide the temporary file system"));
  }
  return open_place("tmp", O_DIRECTORY);
}

// It is memory: where no cgroup counts it, its size does.
Result<> limit_temporary(const SandboxPlan& plan) {
  const std::string size = "size=" + std::to_string(std::min(plan.limits.disk, plan.limits.memory));
  if (::mount(nullptr, "/tmp", nullptr, MS_REMOUNT | MS_NOSUID | MS_NODEV, size.c_str()) != 0) {
    return base::fail(Error::from_errno(errno, "limit the size of /tmp"));
  }
  return {};
}

// A workspace that was copied, or is empty: the directory itself, no overlayfs needed.
Result<> plain_workspace(const Sources& sources) {
  PIPELINE_ASSIGN(const auto tree, clone_tree(sources.upper.get(), "", Access::as_it_is));
  return attach(tree.get(), kWorkspace);
}

Result<> layered_workspace(const Sources& sources) {
  // Descriptors instead of paths: they need no permission on the way, and their numbers keep many
  // layers within the one page that mount options may have. overlayfs wants the topmost first.
  std::string lower;
  for (auto layer = sources.lower.rbegin(); layer != sources.lower.rend(); ++layer) {
    lower += (lower.empty() ? "" : ":") + std::to_string(layer->get());
  }
  PIPELINE_ASSIGN(const auto here, open_place(".", O_DIRECTORY));
  if (::chdir("/proc/self/fd") != 0) return base::fail(Error::from_errno(errno, "enter /proc"));
  // userxattr is what makes overlayfs possible in a user namespace. volatile: the job's fsync need
  // not wait for the disk, the workspace does not outlive a power cut anyway.
  auto mounted =
      mount_new("overlay", kWorkspace, MS_NOSUID | MS_NODEV,
                "lowerdir=" + lower + ",upperdir=" + std::to_string(sources.upper.get()) +
                    ",workdir=" + std::to_string(sources.scratch.get()) + ",userxattr,volatile");
  if (::fchdir(here.get()) != 0) return base::fail(Error::from_errno(errno, "leave /proc"));
  if (mounted) return {};
  return base::fail(Error(ErrorKind::unavailable, mounted.error().to_string()));
}

Result<> workspace(const Sources& sources) {
  PIPELINE_TRY(make_directory(kWorkspace));
  return sources.lower.empty() ? plain_workspace(sources) : layered_workspace(sources);
}

Result<host::UniqueFd> processes() {
  PIPELINE_TRY(make_directory("proc"));
  auto mounted = mount_new("proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  if (!mounted) {
    return base::fail(std::move(mounted).error().hint(
        "parts of /proc are hidden, as in most containers; `pipeline doctor` says how to get it"));
  }
  return open_place("proc", O_DIRECTORY);
}

// The host's name servers, where /etc/resolv.conf is a link out of /etc (systemd-resolved).
Result<> name_servers() {
  const auto file = open_host_path("/etc/resolv.conf", 0);
  if (!file) return {};
  std::array<char, PATH_MAX> real{};
  const std::string self = "/proc/self/fd/" + std::to_string(file->get());
  if (::readlink(self.c_str(), real.data(), real.size() - 1) < 0) return {};
  const std::string seen = real.data();
  if (!seen.starts_with(kHostRoot)) return {};
  const std::string path = seen.substr(std::string_view(kHostRoot).size());
  if (path.starts_with("/etc/") || path.starts_with("/usr/")) return {};
  PIPELINE_ASSIGN(const auto tree, clone_tree(file->get(), "", Access::read_only));
  PIPELINE_TRY(make_directories(path.substr(0, path.rfind('/'))));
  PIPELINE_TRY(make_file(path, ""));
  return attach(tree.get(), path);
}

Result<> enter_root() {
  PIPELINE_TRY(make_directory(kHostRoot + 1));
  if (::syscall(SYS_pivot_root, ".", kHostRoot + 1) != 0) {
    return base::fail(Error::from_errno(errno, "change the root"));
  }
  if (::chdir("/") != 0) return base::fail(Error::from_errno(errno, "enter the new root"));
  return {};
}

Result<> leave_host() {
  if (::umount2(kHostRoot, MNT_DETACH) != 0 || ::rmdir(kHostRoot) != 0) {
    return base::fail(Error::from_errno(errno, "detach the host's root"));
  }
  return {};
}

// Once the host's root is gone, so that a link in the workspace cannot lead out of the sandbox.
Result<> given_mounts(const SandboxPlan& plan, const std::vector<host::UniqueFd>& trees) {
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const std::string& target = plan.mounts[i].inside.native();
    struct stat status {};
    if (::fstat(trees[i].get(), &status) != 0) {
      return base::fail(Error::from_errno(errno, "look at " + plan.mounts[i].host.string()));
    }
    // What is there already (a path below /usr) is used as the place.
    if (::access(target.c_str(), F_OK) != 0) {
      const bool directory = S_ISDIR(status.st_mode);
      const std::string parent = target.substr(0, target.rfind('/'));
      if (directory || !parent.empty()) {
        PIPELINE_TRY(make_directories(directory ? target : parent));
      }
      if (!directory) {
        PIPELINE_TRY(make_file(target, ""));
      }
    }
    PIPELINE_TRY(attach(trees[i].get(), target));
  }
  return {};
}

Result<std::vector<host::UniqueFd>> clone_given(const SandboxPlan& plan, const Sources& sources) {
  std::vector<host::UniqueFd> trees;
  for (std::size_t i = 0; i < sources.mounts.size(); ++i) {
    if (!plan.mounts[i].inside.is_absolute()) {
      return base::fail(ErrorKind::invalid,
                        "not an absolute path: " + plan.mounts[i].inside.string());
    }
    PIPELINE_ASSIGN(auto tree, clone_tree(sources.mounts[i].get(), "", Access::read_only));
    trees.push_back(std::move(tree));
  }
  return trees;
}

Result<> seal_root() {
  constexpr unsigned long kFlags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
  if (::mount(nullptr, "/", nullptr, kFlags, nullptr) != 0) {
    return base::fail(Error::from_errno(errno, "make the root read-only"));
  }
  return {};
}

Result<> start_root() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return base::fail(Error::from_errno(errno, "make mounts private"));
  }
  PIPELINE_TRY(mount_new("tmpfs", kStage, MS_NOSUID, "mode=0755,size=1m"));
  if (::chdir(kStage) != 0) return base::fail(Error::from_errno(errno, "enter the new root"));
  for (const char* empty : {"run", "sys", "root"}) {
    PIPELINE_TRY(make_directory(empty));
  }
  return {};
}

}  // namespace

Result<Watched> build_root() {
  Watched watched;
  PIPELINE_TRY(start_root());
  PIPELINE_TRY(system_directories());
  PIPELINE_TRY(identity());
  PIPELINE_TRY(devices());
  PIPELINE_ASSIGN(watched.temporary, temporary());
  PIPELINE_ASSIGN(watched.processes, processes());
  PIPELINE_TRY(enter_root());
  return watched;
}

Result<Sources> open_sources(const SandboxPlan& plan) {
  Sources sources;
  for (const auto& layer : plan.workspace.lower) {
    PIPELINE_ASSIGN(auto place, open_host_path(layer, O_DIRECTORY));
    sources.lower.push_back(std::move(place));
  }
  PIPELINE_ASSIGN(sources.upper, open_host_path(plan.workspace.upper, O_DIRECTORY));
  PIPELINE_ASSIGN(sources.scratch, open_host_path(plan.workspace.scratch, O_DIRECTORY));
  for (const auto& mount : plan.mounts) {
    PIPELINE_ASSIGN(auto place, open_host_path(mount.host, 0));
    sources.mounts.push_back(std::move(place));
  }
  return sources;
}

Result<> furnish_root(const SandboxPlan& plan, const Sources& sources) {
  PIPELINE_TRY(limit_temporary(plan));
  PIPELINE_TRY(workspace(sources));
  if (plan.limits.network == model::NetworkMode::host) {
    PIPELINE_TRY(name_servers());
  }
  PIPELINE_ASSIGN(const auto given, clone_given(plan, sources));
  PIPELINE_TRY(leave_host());
  PIPELINE_TRY(given_mounts(plan, given));
  return seal_root();
}

}  // namespace pipeline::sandbox::helper
