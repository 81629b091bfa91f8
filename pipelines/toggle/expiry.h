// When a flag should be gone, as its metadata writes it.
#pragma once

#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::toggle {

// "2027-01-31" (the end of that day, UTC) or "2027-01-31T12:00:00Z".
base::Result<base::TimePoint> parse_expiry(std::string_view text);

}  // namespace pipeline::toggle
