// Immutable work trees, one a tree id, shared by every job of every process.
//
//   trees/<id>             the files; complete, since it appears by rename
//   trees/<id>.lock        flock'ed: shared by those who use the tree, exclusively by who makes it
//                          or takes it away. Holds the boot in which the tree was made: after a
//                          power cut its files may be empty, so another boot makes it again.
//   trees/.making-<id>     half-made; belongs to the holder of the lock, rubbish otherwise
//   trees/<mirror>.latest  the tree that was made last for a repository: the next one is near it
//
// A process keeps hold of the tree that it used last of each repository, so that the jobs of two
// runs do not take turns moving one tree to and fro.
//
// The next tree of a repository is made by moving the latest one on, in place, when nobody uses it
// (milliseconds); else by hard-linking what is the same; else file by file.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "stages/host/unique_fd.h"
#include "stages/source/mirror.h"
#include "stages/source/source.h"

namespace pipeline::source {

class WorkTreeStore {
 public:
  WorkTreeStore(std::filesystem::path trees, std::filesystem::path mirrors)
      : trees_(std::move(trees)), mirrors_(std::move(mirrors)) {}

  base::Result<WorkTree> acquire(const std::string& repository, const std::string& tree);

 private:
  struct Making;
  base::Result<> prepare_directory() const;
  base::Result<host::UniqueFd> open_lock(const std::string& tree) const;
  base::Result<host::UniqueFd> hold(const std::string& repository, const std::string& tree);
  base::Result<> make(const std::string& repository, const std::string& tree, int lock);
  void remove_rubbish(const std::string& ours) const;
  base::Result<> start_from(const std::string& base, const git_oid& id, Making& making) const;
  static base::Result<> fill(git_repository& objects, const git_oid& id, const Making& making);

  std::filesystem::path path_of(const std::string& tree) const { return trees_ / tree; }

  const std::filesystem::path trees_;
  const std::filesystem::path mirrors_;
  std::mutex mutex_;
  // Both under mutex_.
  std::map<std::string, std::weak_ptr<const host::UniqueFd>> held_;    // by tree
  std::map<std::string, std::shared_ptr<const host::UniqueFd>> last_;  // by repository
};

}  // namespace pipeline::source
