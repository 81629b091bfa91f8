// Following a path inside a git tree, through the symlinks that the tree holds.
#pragma once

#include <string>

#include "stages/source/git_handle.h"

namespace pipeline::source {

// The entry that `path` leads to, and the path without links. ErrorKind::not_found when there is
// none; ErrorKind::invalid for a link that leads out of the tree, or round in circles.
struct TreePath {
  std::string path;
  TreeEntryHandle entry;
};
base::Result<TreePath> follow(git_repository& repository, const git_tree& tree,
                              const std::string& path);

}  // namespace pipeline::source
