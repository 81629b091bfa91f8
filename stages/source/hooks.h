// Where git looks for a repository's hooks.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"

namespace pipeline::source {

struct HooksFolder {
  std::filesystem::path path;  // absolute; need not exist
  bool is_shared = false;      // core.hooksPath leads out of the repository: others may use it too
};

// Of the repository at or above `directory`: what core.hooksPath says (relative to the working
// tree), else `hooks` in the git directory that its working trees share. ErrorKind::invalid outside
// of a repository, with a hint.
base::Result<HooksFolder> hooks_folder(const std::filesystem::path& directory);

}  // namespace pipeline::source
