#include "stages/host/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace pipeline::host {

namespace {

UniqueFd in_one_call(int directory_fd, const char* name, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  do {
    fd = ::syscall(SYS_openat2, directory_fd, name, &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return UniqueFd(static_cast<int>(fd));
}

UniqueFd open_part(int directory_fd, const char* name, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::openat(directory_fd, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
  } while (fd < 0 && errno == EINTR);
  return UniqueFd(fd);
}

// A directory on the way. With O_DIRECTORY a symlink would be told as ENOTDIR, not as ELOOP.
UniqueFd step_into(int directory_fd, const char* name) {
  UniqueFd fd = open_part(directory_fd, name, O_PATH);
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return {};
  if (S_ISDIR(status.st_mode)) return fd;
  errno = S_ISLNK(status.st_mode) ? ELOOP : ENOTDIR;
  return {};
}

// What openat2 does, for kernels and sandboxes that do not know it (a job of ours is in one: see
// stages/sandbox/seccomp_filter.cc). ".." is refused wherever it would lead, because a directory
// that is moved meanwhile could make it lead out.
UniqueFd part_by_part(int directory_fd, const std::string& path, int flags, mode_t mode) {
  if (path.front() == '/') {
    errno = EXDEV;
    return {};
  }
  UniqueFd held;
  int at = directory_fd;
  std::size_t begin = 0;
  while (true) {
    const std::size_t slash = path.find('/', begin);
    const std::string part = path.substr(begin, slash - begin);
    if (part == "..") {
      errno = EXDEV;
      return {};
    }
    const char* name = part.empty() ? "." : part.c_str();
    if (slash == std::string::npos) return open_part(at, name, flags, mode);
    UniqueFd next = step_into(at, name);
    if (!next) return {};
    held = std::move(next);
    at = held.get();
    begin = slash + 1;
  }
}

}  // namespace

UniqueFd open_beneath(int directory_fd, const std::string& path, int flags, mode_t mode) {
  const std::string name = path.empty() ? "." : path;
  UniqueFd fd = in_one_call(directory_fd, name.c_str(), flags, mode);
  if (fd || errno != ENOSYS) return fd;
  return part_by_part(directory_fd, name, flags, mode);
}

}  // namespace pipeline::host
