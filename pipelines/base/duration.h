// Durations as a pipeline file writes them: "90s", "10m", "1h30m", "2d", "500ms". Units ms, s, m,
// h, d, largest first.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::base {

// Refuses a bare number, an unknown unit, a repeated or misordered unit, and anything above ten
// years.
Result<Duration> parse_duration(std::string_view text);

// The form parse_duration reads: "1h30m". Zero is "0s".
std::string format_duration(Duration duration);

// For a person who waits: "0.2s", "12.3s", "4m05s", "2h10m". At most six columns.
std::string format_elapsed(Duration duration);

}  // namespace pipeline::base
