#include "stages/host/remove.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "stages/host/unique_fd.h"

namespace pipeline::host {

namespace {

// Deeper directories are first moved up to the root of the removal.
constexpr int kMaxDepth = 100;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

base::Result<> refused(const char* name) {
  return base::fail(base::Error::from_errno(errno, std::string("remove ") + name));
}

UniqueFd open_directory(int parent, const char* name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::openat(parent, name, kFlags));
  if (!fd && errno == EACCES && ::fchmodat(parent, name, 0700, 0) == 0)
    fd.reset(::openat(parent, name, kFlags));
  return fd;
}

std::vector<std::string> names_in(int fd) {
  std::vector<std::string> names;
  const Directory directory(::fdopendir(::fcntl(fd, F_DUPFD_CLOEXEC, 0)));
  if (!directory) return names;
  ::rewinddir(directory.get());
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

class Remover {
 public:
  explicit Remover(int root) : root_(root) {}

  base::Result<> empty(int fd, int depth) {
    // Moved directories appear in the root while it is emptied: hence until nothing is left.
    for (auto names = names_in(fd); !names.empty(); names = names_in(fd)) {
      for (const std::string& name : names) PIPELINE_TRY(remove(fd, name.c_str(), depth));
      if (depth > 0) break;
    }
    return {};
  }

 private:
  base::Result<> remove(int parent, const char* name, int depth) {
    if (unlink(parent, name)) return {};
    if (errno != EISDIR && errno != EPERM && errno != EACCES) return refused(name);
    if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return {};
    if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES) return refused(name);
    if (depth == kMaxDepth) return lift(parent, name);
    const UniqueFd fd = open_directory(parent, name);
    if (!fd) return refused(name);
    PIPELINE_TRY(empty(fd.get(), depth + 1));
    if (::unlinkat(parent, name, AT_REMOVEDIR) != 0) return refused(name);
    return {};
  }

  // A directory without write permission keeps its entries, even from its owner.
  static bool unlink(int parent, const char* name) {
    if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    return errno == EACCES && ::fchmod(parent, 0700) == 0 && ::unlinkat(parent, name, 0) == 0;
  }

  base::Result<> lift(int parent, const char* name) {
    const std::string up = ".lifted-" + std::to_string(lifted_++);
    if (::renameat(parent, name, root_, up.c_str()) != 0) return refused(name);
    return {};
  }

  int root_;
  std::uint64_t lifted_ = 0;
};

}  // namespace

base::Result<> remove_at(int directory_fd, const char* name) {
  if (::unlinkat(directory_fd, name, 0) == 0 || errno == ENOENT) return {};
  if (::unlinkat(directory_fd, name, AT_REMOVEDIR) == 0) return {};
  const UniqueFd fd = open_directory(directory_fd, name);
  if (!fd) return refused(name);
  Remover remover(fd.get());
  PIPELINE_TRY(remover.empty(fd.get(), 0));
  if (::unlinkat(directory_fd, name, AT_REMOVEDIR) != 0) return refused(name);
  return {};
}

base::Result<> remove_all(const std::filesystem::path& path) {
  return remove_at(AT_FDCWD, path.c_str());
}

}  // namespace pipeline::host
