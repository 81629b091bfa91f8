// Git, as far as a pipeline needs it: a mirror per repository, a snapshot of a working tree, an
// immutable work tree per tree id. Blocking calls; safe from several threads and several processes
// at once (locks in the state directory).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::source {

struct Revision {
  std::string repository;               // canonical path or URL: the key of the mirror
  std::string commit;                   // empty: no commit yet
  std::string tree;                     // what is built
  std::string branch;                   // empty: detached
  std::string tag;                      // an exact tag of the commit, if there is one
  bool dirty = false;                   // the tree differs from the commit's
  std::vector<std::string> submodules;  // paths of gitlinks, which are left empty
  std::vector<std::string>
      warnings;  // what a user should know: sparse checkout, skipped nested repository …
  std::vector<std::string> parents{};  // of the commit; empty for a working tree's
};

struct FetchProgress {
  std::uint64_t received_objects = 0;
  std::uint64_t total_objects = 0;
  std::uint64_t received_bytes = 0;
};
using FetchObserver = std::function<void(const FetchProgress&)>;

// A work tree in use. While any copy of the handle lives, in this process or another, the directory
// neither changes nor goes away; afterwards it may be moved on to another tree id or removed.
class WorkTree {
 public:
  WorkTree(std::filesystem::path path, std::shared_ptr<const void> hold)
      : path_(std::move(path)), hold_(std::move(hold)) {}
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const void> hold_;
};

class Source {
 public:
  virtual ~Source() = default;
  // The working tree at or above `directory` as it stands: modified and untracked files in, ignored
  // ones out; symlinks and exec bits kept. The user's index, refs and objects are not touched: new
  // objects go to the mirror.
  virtual base::Result<Revision> snapshot(const std::filesystem::path& directory) = 0;
  // Fetches what is new of `location` (path, file:// or https:// URL) and resolves `ref` (branch,
  // tag, commit; empty: HEAD).
  virtual base::Result<Revision> fetch(const std::string& location, const std::string& ref,
                                       const FetchObserver& observer) = 0;
  // The bytes of one file of a tree, through symlinks inside of it. ErrorKind::not_found when there
  // is none, invalid for a link that leads out of the tree, exhausted beyond host::kReadLimit.
  virtual base::Result<std::string> read_file(const Revision& revision,
                                              const std::string& path) = 0;
  // The paths of a tree below `directory`, for finding pipeline files and hashing inputs: path and
  // blob id.
  struct TreeEntry {
    std::string path;
    std::string id;
    std::uint32_t mode = 0;
  };
  virtual base::Result<std::vector<TreeEntry>> list_files(const Revision& revision,
                                                          const std::string& directory) = 0;
  // A directory that holds the tree's files, made once per tree id, shared by all jobs and
  // immutable while the handle lives.
  virtual base::Result<WorkTree> work_tree(const std::string& repository,
                                           const std::string& tree) = 0;
  // Paths that differ between two trees, for `changed`.
  virtual base::Result<std::vector<std::string>> changed_paths(const std::string& repository,
                                                               const std::string& from,
                                                               const std::string& to) = 0;
  // Paths that the commit `head` changed since it left the history of the commit `onto`: what a
  // merge of it would bring.
  virtual base::Result<std::vector<std::string>> brought_by(const std::string& repository,
                                                            const std::string& onto,
                                                            const std::string& head) = 0;
};

}  // namespace pipeline::source
