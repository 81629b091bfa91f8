#include "stages/workspace/scratch_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <set>
#include <utility>

#include "stages/host/file.h"
#include "stages/host/remove.h"

namespace pipeline::workspace {

namespace fs = std::filesystem;

namespace {

std::string unique_suffix() {
  static std::atomic<unsigned> counter = 0;
  return std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

}  // namespace

base::Result<ScratchDirectory> ScratchDirectory::make(const fs::path& parent,
                                                      const std::string& prefix) {
  for (int round = 0; round < 1000; ++round) {
    const fs::path path = parent / (prefix + unique_suffix());
    if (::mkdir(path.c_str(), 0755) != 0) {
      if (errno == EEXIST) continue;  // of a process that had our pid before us
      if (errno != ENOENT || round > 0)
        return base::fail(base::Error::from_errno(errno, "make " + path.string()));
      std::error_code error;
      fs::create_directories(parent, error);
      continue;
    }
    // A sweep may come between these calls: it removes what nobody holds.
    auto opened = host::open_file(path, O_RDONLY | O_DIRECTORY);
    if (!opened && opened.error().kind() == base::ErrorKind::not_found) continue;
    PIPELINE_ASSIGN(host::UniqueFd fd, std::move(opened));
    struct stat status {};
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(fd.get(), &status) != 0 ||
        status.st_nlink == 0)
      continue;
    ScratchDirectory made(path, std::move(fd));
    // Without the bits that our umask took.
    if (::fchmod(made.fd(), 0755) != 0)
      return base::fail(base::Error::from_errno(errno, "set the mode of " + path.string()));
    return made;
  }
  return base::fail(base::ErrorKind::conflict, "no name is free in " + parent.string());
}

ScratchDirectory::~ScratchDirectory() {
  if (!path_.empty()) static_cast<void>(host::remove_all(path_));
}

void sweep(const fs::path& parent, const std::string& prefix) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const auto fd = host::open_file(entry.path(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd && ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0)
      static_cast<void>(host::remove_all(entry.path()));
  }
}

void sweep_once(const fs::path& parent, const std::string& prefix) {
  static std::mutex mutex;
  static std::set<std::pair<fs::path, std::string>> swept;
  {
    const std::scoped_lock guard(mutex);
    if (!swept.emplace(parent, prefix).second) return;
  }
  sweep(parent, prefix);
}

}  // namespace pipeline::workspace
