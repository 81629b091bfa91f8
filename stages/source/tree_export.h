// Trees of this machine's mirrors, for other machines to fetch: a bare repository for each mirror,
// which borrows the mirror's objects and has a branch for every tree that was published.
//
// A branch is a commit without parents, made here: whoever fetches it gets the tree and no history,
// and what it had of earlier trees is not sent again.
//
// Safe for concurrent calls from several threads and processes.
#pragma once

#include <filesystem>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::source {

class TreeExport {
 public:
  TreeExport(std::filesystem::path exports, std::filesystem::path mirrors)
      : exports_(std::move(exports)), mirrors_(std::move(mirrors)) {}

  // Makes the tree a branch of its own name. The name of the repository below `exports` that has
  // it. Of some hundred trees the oldest go.
  base::Result<std::string> publish(const std::string& repository, const std::string& tree) const;

 private:
  std::filesystem::path exports_;
  std::filesystem::path mirrors_;
};

}  // namespace pipeline::source
