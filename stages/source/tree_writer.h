// Writes a git tree as files: into an empty directory, or into one that holds another tree, in
// which case only what differs is touched. Contents are the blobs' bytes; symlinks and exec bits
// are kept, gitlinks become empty directories.
#pragma once

#include <optional>

#include "stages/source/git_handle.h"

namespace pipeline::source {

// What the directory has, or may take from.
struct TreeBase {
  git_oid tree{};
  // -1: the directory itself holds `tree` now and is changed in place. Otherwise the root of a
  // directory that holds it and stays as it is: files that are the same are hard-linked from there.
  int link_from = -1;
};

// Everything made belongs to the job user. After a failure the directory is in
// between and must be thrown away. Files are replaced, never written into, so that links elsewhere
// keep their bytes.
base::Result<> write_tree(git_repository& repository, const git_oid& tree,
                          const std::optional<TreeBase>& base, int directory_fd);

}  // namespace pipeline::source
