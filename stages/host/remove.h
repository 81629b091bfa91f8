// Removing what may be hostile: a tree of any depth, with directories that forbid their own
// reading, is removed without following a symlink and with bounded memory, stack and descriptors.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"

namespace pipeline::host {

// Removes whatever `name` is in the directory. Success when there is nothing.
base::Result<> remove_at(int directory_fd, const char* name);

base::Result<> remove_all(const std::filesystem::path& path);

}  // namespace pipeline::host
