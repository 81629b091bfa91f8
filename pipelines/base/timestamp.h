// A point in time as text for machines: "2026-11-23T12:00:00.123456Z" (RFC 3339, UTC,
// microseconds).
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::base {

std::string format_timestamp(TimePoint at);

// Exactly the form that format_timestamp writes; anything else is ErrorKind::invalid.
Result<TimePoint> parse_timestamp(std::string_view text);

}  // namespace pipeline::base
