#include "stages/workspace/merged_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/open_beneath.h"

namespace pipeline::workspace {

using host::UniqueFd;

namespace {

constexpr int kMaxDepth = 200;
constexpr int kDirectory = O_RDONLY | O_DIRECTORY;

// One layer's directory at the place that is being looked at.
struct Part {
  std::size_t layer = 0;
  UniqueFd fd;
};
using Parts = std::vector<Part>;  // topmost first

bool is_whiteout(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(0, 0);
}

bool is_opaque(int fd) {
  std::array<char, 4> value{};
  return std::ranges::any_of(
      std::array{"user.overlay.opaque", "trusted.overlay.opaque"}, [&](const char* name) {
        return ::fgetxattr(fd, name, value.data(), value.size()) == 1 && value[0] == 'y';
      });
}

EntryType type_of(mode_t mode) {
  if (S_ISDIR(mode)) return EntryType::directory;
  if (S_ISREG(mode)) return EntryType::regular;
  return S_ISLNK(mode) ? EntryType::symlink : EntryType::special;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string joined(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

// Layers are readable by construction: a refusal is what a job did to its own files.
base::Error refused(std::string_view verb, const std::string& path) {
  const int error = errno;
  const std::string attempt = std::string(verb) + " \"" + base::printable(path) + "\"";
  if (error == EACCES)
    return base::Error(base::ErrorKind::failed, "its permissions forbid it").during(attempt);
  return base::Error::from_errno(error, attempt);
}

base::Result<std::vector<std::string>> names_of(const Part& part, const std::string& path) {
  DIR* directory = ::fdopendir(::fcntl(part.fd.get(), F_DUPFD_CLOEXEC, 0));
  if (directory == nullptr) return base::fail(refused("read", path));
  const std::unique_ptr<DIR, int (*)(DIR*)> owner(directory, &::closedir);
  ::rewinddir(directory);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    if (names.size() > kMaxViewEntries) break;
  }
  return names;
}

base::Result<std::string> read_link(int fd, const std::string& name, const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t n = ::readlinkat(fd, name.c_str(), target.data(), target.size());
  if (n < 0) return base::fail(refused("read", path));
  return std::string(target.data(), static_cast<std::size_t>(n));
}

struct Found {
  ViewEntry entry;
  Parts parts;  // of a directory
};

// What `name` is in a directory that these parts make up.
base::Result<std::optional<Found>> look_up(const Parts& parts, const std::string& directory,
                                           const std::string& name) {
  std::optional<Found> found;
  for (const Part& part : parts) {
    struct stat status {};
    if (::fstatat(part.fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return base::fail(refused("look at", joined(directory, name)));
    }
    const bool is_directory = S_ISDIR(status.st_mode);
    if (is_whiteout(status) || (found && !is_directory)) break;
    if (!found) {
      found.emplace();
      found->entry = {
          .path = joined(directory, name),
          .type = type_of(status.st_mode),
          .mode = status.st_mode,
          .size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0,
          .links = status.st_nlink,
          .target = {},
          .modified = nanoseconds(status.st_mtim),
          .changed = nanoseconds(status.st_ctim),
          .layer = part.layer};
      if (S_ISLNK(status.st_mode)) {
        PIPELINE_ASSIGN(found->entry.target, read_link(part.fd.get(), name, found->entry.path));
      }
    }
    if (!is_directory) break;
    UniqueFd fd = host::open_beneath(part.fd.get(), name, kDirectory);
    if (!fd) return base::fail(refused("read", found->entry.path));
    found->parts.push_back({part.layer, std::move(fd)});
    if (&part != &parts.back() && is_opaque(found->parts.back().fd.get())) break;
  }
  return found;
}

base::Result<> check_relative(const std::string& path) {
  for (const std::string& segment : base::split(path, '/'))
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find('\0') != std::string::npos)
      return base::fail(base::ErrorKind::invalid,
                        "\"" + base::printable(path) + "\" is not a path in the workspace");
  return {};
}

}  // namespace

struct MergedView::Roots {
  Parts parts;  // topmost first
};

// Depth first; descriptors are open only for the directories on the way down.
class MergedView::Walk {
 public:
  explicit Walk(const Descend& descend) : descend_(descend) {}

  base::Result<> list(const Parts& parts, const std::string& directory) {
    std::vector<std::string> names;
    for (const Part& part : parts) {
      PIPELINE_ASSIGN(const auto more, names_of(part, directory));
      names.insert(names.end(), more.begin(), more.end());
    }
    if (parts.size() > 1) {
      std::ranges::sort(names);
      names.erase(std::unique(names.begin(), names.end()), names.end());
    }
    for (const std::string& name : names) {
      PIPELINE_ASSIGN(auto found, look_up(parts, directory, name));
      if (found) PIPELINE_TRY(take(*std::move(found)));
    }
    return {};
  }

  std::vector<ViewEntry> sorted() && {
    std::ranges::sort(entries_, {}, &ViewEntry::path);
    return std::move(entries_);
  }

 private:
  base::Result<> take(Found found) {
    if (entries_.size() >= kMaxViewEntries)
      return base::fail(base::ErrorKind::failed,
                        "there are more than " + std::to_string(kMaxViewEntries) + " files");
    // Bounds the recursion and the descriptors open at once.
    if (std::ranges::count(found.entry.path, '/') > kMaxDepth)
      return base::fail(base::ErrorKind::failed,
                        "directories are nested more than " + std::to_string(kMaxDepth) +
                            " deep: " + base::printable(found.entry.path.substr(0, 100)) + "…");
    entries_.push_back(found.entry);
    const bool enter =
        found.entry.type == EntryType::directory && (!descend_ || descend_(found.entry.path));
    return enter ? list(found.parts, found.entry.path) : base::Result<>{};
  }

  const Descend& descend_;
  std::vector<ViewEntry> entries_;
};

base::Result<MergedView> MergedView::open(const std::vector<std::filesystem::path>& layers) {
  auto roots = std::make_shared<Roots>();
  for (const auto& layer : layers) {
    PIPELINE_ASSIGN(UniqueFd fd, host::open_file(layer, O_RDONLY | O_DIRECTORY));
    roots->parts.push_back({roots->parts.size(), std::move(fd)});
  }
  std::ranges::reverse(roots->parts);
  return MergedView(std::move(roots));
}

base::Result<std::optional<ViewEntry>> MergedView::find(const std::string& path) const {
  PIPELINE_TRY(check_relative(path));
  Parts below;
  const Parts* parts = &roots_->parts;
  std::string directory;
  std::optional<ViewEntry> entry;
  for (const std::string& segment : base::split(path, '/')) {
    PIPELINE_ASSIGN(auto found, look_up(*parts, directory, segment));
    if (!found) return std::nullopt;
    entry = std::move(found->entry);
    below = std::move(found->parts);
    parts = &below;
    directory = entry->path;
  }
  return entry;
}

base::Result<std::vector<ViewEntry>> MergedView::list(const std::string& directory,
                                                      const Descend& descend) const {
  Parts below;
  const Parts* parts = &roots_->parts;
  if (!directory.empty()) {
    PIPELINE_TRY(check_relative(directory));
    std::string above;
    for (const std::string& segment : base::split(directory, '/')) {
      PIPELINE_ASSIGN(auto found, look_up(*parts, above, segment));
      if (!found || found->entry.type != EntryType::directory) return std::vector<ViewEntry>{};
      below = std::move(found->parts);
      parts = &below;
      above = found->entry.path;
    }
  }
  Walk walk(descend);
  PIPELINE_TRY(walk.list(*parts, directory));
  return std::move(walk).sorted();
}

base::Result<UniqueFd> MergedView::open_file(const ViewEntry& entry) const {
  // Without O_NONBLOCK a FIFO put in the file's place would hold us up for ever.
  UniqueFd fd = host::open_beneath(root(entry.layer), entry.path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return base::fail(refused("read", entry.path));
  if (!S_ISREG(status.st_mode))
    return base::fail(base::ErrorKind::conflict, entry.path + " is not a file any more");
  return fd;
}

std::size_t MergedView::layers() const {
  return roots_->parts.size();
}

int MergedView::root(std::size_t layer) const {
  return roots_->parts[layers() - 1 - layer].fd.get();
}

std::string_view kind_of(const ViewEntry& entry) {
  switch (entry.type) {
    case EntryType::directory:
      return "directory";
    case EntryType::regular:
      return "file";
    case EntryType::symlink:
      return "symlink";
    case EntryType::special:
      break;
  }
  if (S_ISFIFO(entry.mode)) return "FIFO";
  if (S_ISSOCK(entry.mode)) return "socket";
  return S_ISCHR(entry.mode) ? "character device" : "block device";
}

}  // namespace pipeline::workspace
