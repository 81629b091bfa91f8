// How much disk a directory takes, walked while somebody hostile changes it: nothing is followed,
// no path is trusted, depth is bounded.
#pragma once

#include <cstdint>

#include "pipelines/base/result.h"

namespace pipeline::sandbox::helper {

// Blocks in use below `directory`, files with several links counted once. Stops early beyond
// `enough`. ErrorKind::exhausted when directories are nested deeper than 400.
base::Result<std::uint64_t> disk_usage(int directory, std::uint64_t enough);

}  // namespace pipeline::sandbox::helper
