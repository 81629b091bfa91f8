// A working tree as a git tree, as `git add --all && git write-tree` would make it, with nothing of
// the user's repository written: the index is changed in memory only, new objects go to the mirror,
// and even the access times of the user's objects stay as they are.
#pragma once

#include <filesystem>

#include "stages/source/mirror.h"
#include "stages/source/source.h"

namespace pipeline::source {

base::Result<Revision> take_snapshot(const std::filesystem::path& directory,
                                     const std::filesystem::path& mirrors);

}  // namespace pipeline::source
