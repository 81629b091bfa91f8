// What should happen next: pure, total, idempotent. The engine asks after every event and carries
// the actions out.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "pipelines/plan/plan.h"
#include "pipelines/run/state.h"

namespace pipeline::run {

// Append this event (queueing, skipping, finishing the run): its truth follows from the state
// alone.
struct Record {
  EventBody body;
};
// Give the queued job to the worker.
struct Start {
  std::size_t job = 0;
};
// Ask the running job to stop (the JobStopRequested event is recorded already).
struct Stop {
  std::size_t job = 0;
};

using Action = std::variant<Record, Start, Stop>;

struct Limits {
  std::uint32_t jobs = 1;  // at a time
};

std::vector<Action> next(const RunState& state, const plan::Plan& plan, const Limits& limits,
                         base::TimePoint now);

}  // namespace pipeline::run
