// What a job sees at its workspace, read from outside its mount namespace: directories laid over
// each other the way overlayfs lays them, whiteouts and opaque directories included.
//
// Nothing is ever followed out of a layer: every open is relative to the layer's root and refuses
// symlinks, so what a hostile job left behind can be listed and read safely. A value that owns
// descriptors; a const object is safe for concurrent calls.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::workspace {

// What one job hands on is bounded, so that listing it is.
inline constexpr std::size_t kMaxViewEntries = 2'000'000;

enum class EntryType { directory, regular, symlink, special };

struct ViewEntry {
  std::string path;  // relative to the workspace, no leading or trailing '/'
  EntryType type = EntryType::regular;
  mode_t mode = 0;         // as stat gives it
  std::uint64_t size = 0;  // bytes of a regular file
  std::uint64_t links = 1;
  std::string target;         // of a symlink
  std::int64_t modified = 0;  // nanoseconds: content
  std::int64_t changed = 0;   // nanoseconds: content, mode, owner, links
  std::size_t layer = 0;      // which of the layers shows it; for a directory the topmost one
};

// "FIFO", "socket", "character device" …: what a special entry is called in messages.
std::string_view kind_of(const ViewEntry& entry);

class MergedView {
 public:
  // Lowest first; a plain directory is a view of one layer.
  static base::Result<MergedView> open(const std::vector<std::filesystem::path>& layers);

  // The entry at `path`; none when it does not exist. A path that is absolute, or has an empty,
  // `.` or `..` segment, is ErrorKind::invalid.
  base::Result<std::optional<ViewEntry>> find(const std::string& path) const;

  // Everything below `directory` (empty: the whole view; it is not listed itself) in byte order of
  // the paths, so that parents come before their children. Directories for which `descend` says no
  // are listed but not entered. ErrorKind::failed for more entries, or deeper ones, than a job may
  // hand on.
  using Descend = std::function<bool(std::string_view directory)>;
  base::Result<std::vector<ViewEntry>> list(const std::string& directory,
                                            const Descend& descend = nullptr) const;

  // For reading a regular file of this view.
  base::Result<host::UniqueFd> open_file(const ViewEntry& entry) const;

  std::size_t layers() const;
  // The root of one layer; stays the view's.
  int root(std::size_t layer) const;

 private:
  struct Roots;
  class Walk;
  explicit MergedView(std::shared_ptr<const Roots> roots) : roots_(std::move(roots)) {}
  std::shared_ptr<const Roots> roots_;
};

}  // namespace pipeline::workspace
