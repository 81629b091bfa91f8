// Whether a job that ended gets a further attempt by itself: as the `retry` of its stage says, and
// when its worker died before the job began. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"
#include "pipelines/run/state.h"

namespace pipeline::run {

// The event that gives the job its further attempt; none when its end stands. The wait before it
// doubles with each attempt and is an hour at most.
std::optional<JobRetried> automatic_retry(const RunState& state, const plan::Plan& plan,
                                          std::size_t job);

}  // namespace pipeline::run
