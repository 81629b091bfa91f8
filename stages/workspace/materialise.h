// Layers as one plain directory that may be changed: what overlayfs does, by copying.
#pragma once

#include <filesystem>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::workspace {

// Into an existing, empty directory. Shares blocks where the file system can.
base::Result<> materialise(const std::vector<std::filesystem::path>& layers,
                           const std::filesystem::path& target);

}  // namespace pipeline::workspace
