// One repository's objects on our side.
//
//   mirrors/<name>/objects/   what we wrote or fetched; a local repository's own objects are not
//                             copied but borrowed (objects/info/alternates)
//   mirrors/<name>/loose.seal  the boot in which what we wrote was whole
//   mirrors/<name>/           of a remote one: a whole bare repository, so that refs say what is
//                             new
//   mirrors/<name>.lock       flock'ed while a remote is fetched; its time is that of the last use
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "stages/host/unique_fd.h"
#include "stages/source/git_handle.h"

namespace pipeline::source {

// A mirror is the holder's alone. Moves; what was moved from holds nothing.
class MirrorLock {
 public:
  explicit MirrorLock(host::UniqueFd fd) : fd_(std::move(fd)) {}
  MirrorLock(MirrorLock&&) = default;
  MirrorLock& operator=(MirrorLock&&) = delete;
  MirrorLock(const MirrorLock&) = delete;
  MirrorLock& operator=(const MirrorLock&) = delete;
  // Takes the mark off that tells the next holder of one that was killed.
  ~MirrorLock();

 private:
  host::UniqueFd fd_;
};

class Mirror {
 public:
  Mirror(const std::filesystem::path& mirrors, const std::string& key);
  // By the name of its directory, which says only together with the key whose it is.
  static Mirror named(const std::filesystem::path& mirrors, const std::string& name) {
    return Mirror(mirrors / name);
  }

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path objects() const { return directory_ / "objects"; }

  // Makes the object directory, borrowing from the objects of a repository of this machine.
  base::Result<> borrow_from(const std::filesystem::path& objects) const;
  // Before objects are written: they are not synced, and one that a power cut emptied counts as
  // present for ever. So the first use in a boot reads those that we wrote and removes the damaged.
  base::Result<> remove_damaged() const;
  // Blocks until nobody else fetches into this mirror, in this process or another. What git left
  // locked when an earlier holder was killed is free again then.
  base::Result<MirrorLock> lock() const;
  // A tree of it was wanted: now; only of a remote one. lock() says so, too.
  void mark_used() const;
  std::optional<base::TimePoint> used_at() const;
  // What an error about an object that is missing means: the repository of this machine that it was
  // borrowed from has gone, or has pruned it. Any other error comes back as it is.
  base::Error explain(base::Error error) const;
  // For reading objects only: no configuration, no refs. ErrorKind::not_found before the first use.
  base::Result<Repository> open_objects() const;

 private:
  explicit Mirror(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path lock_file() const { return directory_.string() + ".lock"; }

  std::filesystem::path directory_;
};

}  // namespace pipeline::source
