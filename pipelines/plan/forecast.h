// What can be said before a run about each job of a plan: that it will be skipped, and why. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/plan/plan.h"

namespace pipeline::plan {

// Parallel to Plan::jobs. A job is skipped for its own condition, or because a job that it cannot
// do without is. None: it runs if what it needs comes out as it asks.
std::vector<std::optional<std::string>> forecast_skips(const Plan& plan);

}  // namespace pipeline::plan
