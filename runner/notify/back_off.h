// When a message that did not get through is tried again, and when no more. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "pipelines/base/clock.h"

namespace pipeline::notify {

// After so many tries; none: it is given up. Sooner at first, for a receiver that starts again; for
// a day and a half in all, for one that is down over night.
std::optional<base::Duration> wait_after(std::uint32_t tries);

}  // namespace pipeline::notify
