#include "stages/host/remove.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

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

// Takes the descriptor over.
Directory stream_of(UniqueFd fd) {
  Directory directory(::fdopendir(fd.get()));
  if (directory) fd.release();
  return directory;
}

class Remover {
 public:
  // Removes `name`, a directory that could not be removed as an empty one, with what is in it.
  base::Result<> remove_tree(int parent, const char* name, int depth) {
    UniqueFd fd = open_directory(parent, name);
    if (!fd) return refused(name);
    if (depth == 0) root_ = fd.get();
    const Directory directory = stream_of(std::move(fd));
    if (!directory) return refused(name);
    // Names are read as they go, however many there are. Some may be passed over while others are
    // removed, and lifted directories appear in the root while it is emptied: hence again, for as
    // long as there was something.
    for (bool progress = true; progress;) {
      PIPELINE_ASSIGN(progress, empty(*directory, depth));
      if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return {};
      if (errno != ENOTEMPTY && errno != EEXIST) break;
    }
    return refused(name);
  }

 private:
  // One pass; whether there was anything.
  base::Result<bool> empty(DIR& directory, int depth) {
    bool found = false;
    ::rewinddir(&directory);
    while (const dirent* entry = ::readdir(&directory)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      found = true;
      PIPELINE_TRY(remove(::dirfd(&directory), entry->d_name, depth));
    }
    return found;
  }

  base::Result<> remove(int parent, const char* name, int depth) {
    if (unlink(parent, name)) return {};
    if (errno != EISDIR && errno != EPERM && errno != EACCES) return refused(name);
    if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) return {};
    if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES) return refused(name);
    if (depth == kMaxDepth) return lift(parent, name);
    return remove_tree(parent, name, depth + 1);
  }

  // A directory without write permission keeps its entries, even from its owner.
  static bool unlink(int parent, const char* name) {
    if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    return errno == EACCES && ::fchmod(parent, 0700) == 0 && ::unlinkat(parent, name, 0) == 0;
  }

  // The root may hold such names of its own.
  base::Result<> lift(int parent, const char* name) {
    while (true) {
      const std::string up = ".lifted-" + std::to_string(lifted_++);
      if (::renameat(parent, name, root_, up.c_str()) == 0) return {};
      if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) return refused(name);
    }
  }

  int root_ = -1;
  std::uint64_t lifted_ = 0;
};

}  // namespace

base::Result<> remove_at(int directory_fd, const char* name) {
  if (::unlinkat(directory_fd, name, 0) == 0 || errno == ENOENT) return {};
  if (::unlinkat(directory_fd, name, AT_REMOVEDIR) == 0) return {};
  return Remover().remove_tree(directory_fd, name, 0);
}

base::Result<> remove_all(const std::filesystem::path& path) {
  return remove_at(AT_FDCWD, path.c_str());
}

}  // namespace pipeline::host
