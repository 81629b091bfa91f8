// Immutable work trees, one a tree id, shared by every job of every process.
//
//   trees/<id>             the files; complete, since it appears by rename
//   trees/<id>.lock        flock'ed: shared by those who use the tree, exclusively by who makes it
//                          or takes it away. Holds the boot in which the tree was made: after a
//                          power cut its files may be empty, so another boot makes it again. Its
//                          time is that of the last use.
//   trees/.making-<id>     half-made; belongs to the holder of the lock, rubbish otherwise
//   trees/<mirror>.latest  the tree that was made last for a repository: the next one is near it
//
// A process keeps hold of the tree that it used last of each of the last repositories, so that the
// jobs of two runs do not take turns moving one tree to and fro.
//
// The next tree of a repository is made by moving the latest one on, in place, when nobody uses it
// (milliseconds); else by hard-linking what is the same; else file by file.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "stages/host/unique_fd.h"
#include "stages/source/mirror.h"
#include "stages/source/source.h"

namespace pipeline::source {

class WorkTreeStore {
 public:
  WorkTreeStore(std::filesystem::path trees, std::filesystem::path mirrors)
      : trees_(std::move(trees)), mirrors_(std::move(mirrors)) {}

  base::Result<WorkTree> acquire(const std::string& repository, const std::string& tree);

  // For whoever keeps them within a budget: those that are here, by id.
  std::vector<std::string> all() const;
  // When somebody took hold of it last; none: it is not here.
  std::optional<base::TimePoint> used_at(const std::string& tree) const;
  // Files that it shares with other trees count in each of them.
  std::uint64_t size_of(const std::string& tree) const;
  // ErrorKind::conflict while somebody has hold of it.
  base::Result<> remove(const std::string& tree) const;

 private:
  struct Making;
  struct LastUsed {
    std::string repository;
    std::shared_ptr<const host::UniqueFd> hold;
  };
  void let_go_of(const std::string& repository);
  base::Result<> prepare_directory() const;
  base::Result<host::UniqueFd> open_lock(const std::string& tree) const;
  base::Result<host::UniqueFd> hold(const std::string& repository, const std::string& tree);
  base::Result<> make(const std::string& repository, const std::string& tree, int lock);
  void remove_rubbish(const std::string& ours) const;
  base::Result<> start_from(const std::string& base, const git_oid& id, Making& making) const;
  static base::Result<> fill(git_repository& objects, const git_oid& id, const Making& making);

  std::filesystem::path path_of(const std::string& tree) const { return trees_ / tree; }
  std::filesystem::path making_of(const std::string& tree) const;
  std::filesystem::path lock_of(const std::string& tree) const { return trees_ / (tree + ".lock"); }

  const std::filesystem::path trees_;
  const std::filesystem::path mirrors_;
  std::mutex mutex_;
  // Both under mutex_.
  std::map<std::string, std::weak_ptr<const host::UniqueFd>> held_;  // by tree
  std::deque<LastUsed> last_;  // one a repository, the newest at the end
};

}  // namespace pipeline::source
