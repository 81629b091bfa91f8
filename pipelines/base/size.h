// Sizes as a pipeline file writes them: "512MiB", "2GB", "64KiB", "100B".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::base {

// Units B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024). A bare number
// is refused.
Result<std::uint64_t> parse_size(std::string_view text);

// For a person: "512 B", "1.5 MiB".
std::string format_size(std::uint64_t bytes);

}  // namespace pipeline::base
