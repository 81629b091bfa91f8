// When a repository is looked at next that nobody, or not everybody, tells of. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "pipelines/base/clock.h"

namespace pipeline::schedule {

// A look ended at `now`, the `failures`th in a row that failed (0: it did not). `every` is how
// often it is looked at unasked; none: never, but after a look that failed, which has seen nothing
// of what it was for. `chance`, from 0 to 1, spreads what would otherwise come all at once: up to a
// tenth sooner or later. None: when somebody asks.
std::optional<base::TimePoint> next_look(base::TimePoint now, std::optional<base::Duration> every,
                                         std::uint32_t failures, double chance);

}  // namespace pipeline::schedule
