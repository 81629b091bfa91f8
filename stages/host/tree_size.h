// What a directory holds.
#pragma once

#include <cstdint>
#include <filesystem>

namespace pipeline::host {

// Bytes of the regular files below it. Symlinks are not followed; what vanishes meanwhile, or
// cannot be read, is not counted.
std::uint64_t tree_size(const std::filesystem::path& directory);

}  // namespace pipeline::host
