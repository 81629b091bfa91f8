// The sentences that say why a job is where it is, in one place so that every display uses the same
// words. Internal to pipelines/run but for its tests.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/plan/plan.h"
#include "pipelines/run/state.h"

namespace pipeline::run {

// "unit failed", "unit timed out", "unit was skipped".
std::string describe_end(std::string_view job, JobStatus status);

// "waiting for build and unit": the needs that are not over yet, at most three by name.
std::string waiting_reason(const RunState& state, const plan::Plan& plan, std::size_t job);

}  // namespace pipeline::run
