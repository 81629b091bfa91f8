#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string_view>

#include "stages/host/unique_fd.h"
#include "stages/sandbox/helper/disk_usage.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr unsigned kDeepest = 400;  // one descriptor a level
constexpr std::uint64_t kBlock = 512;
// An empty file takes an inode, and we take time and memory to count it: millions of them are a use
// of the disk as well.
constexpr std::uint64_t kLeast = 4096;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

class Walk {
 public:
  explicit Walk(std::uint64_t enough) : enough_(enough) {}

  Result<> below(host::UniqueFd directory, unsigned depth) {
    if (depth > kDeepest) {
      return base::fail(ErrorKind::exhausted,
                        "directories nested more than " + std::to_string(kDeepest) + " deep");
    }
    const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(directory.get()));
    if (!entries) return base::fail(Error::from_errno(errno, "list a directory of the job"));
    const int fd = directory.release();  // closed with `entries`
    while (used_ <= enough_) {
      const dirent* entry = ::readdir(entries.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      PIPELINE_TRY(count(fd, entry->d_name, depth));
    }
    return {};
  }

  std::uint64_t used() const { return used_; }

 private:
  Result<> count(int directory, const char* name, unsigned depth) {
    struct stat status {};
    // What has just been removed takes no space.
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    const bool many_links = S_ISREG(status.st_mode) && status.st_nlink > 1;
    if (many_links && !seen_.insert(status.st_ino).second) return {};
    used_ += std::max(kLeast, static_cast<std::uint64_t>(status.st_blocks) * kBlock);
    if (!S_ISDIR(status.st_mode)) return {};
    host::UniqueFd next(::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    // Replaced or made unreadable meanwhile; the job gains nothing by it, its own blocks are
    // counted.
    if (!next) return {};
    return below(std::move(next), depth + 1);
  }

  std::uint64_t enough_;
  std::uint64_t used_ = 0;
  std::set<ino_t> seen_;
};

}  // namespace

Result<std::uint64_t> disk_usage(int directory, std::uint64_t enough) {
  host::UniqueFd start(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!start) return base::fail(Error::from_errno(errno, "open the job's directory"));
  Walk walk(enough);
  PIPELINE_TRY(walk.below(std::move(start), 0));
  return walk.used();
}

}  // namespace pipeline::sandbox::helper
