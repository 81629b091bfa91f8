// What should happen next: pure, total, idempotent. The engine asks after every event and carries
// the actions out.
//
// Order of use: carry out every Record (append, apply) and ask again; when no Record is left, carry
// out Start and Stop. Asking twice in one state gives the same answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "pipelines/plan/plan.h"
#include "pipelines/run/state.h"

namespace pipeline::run {

// Append this event (queueing, skipping, stopping, finishing the run): its truth follows from the
// state alone.
struct Record {
  EventBody body;
};
// Give the queued job to a worker. Among queued jobs the one with the longest chain of dependents
// goes first.
struct Start {
  std::size_t job = 0;
};
// Ask the job's worker to stop (the JobStopRequested event is recorded already). Repeated until the
// job ends.
struct Stop {
  std::size_t job = 0;
};

using Action = std::variant<Record, Start, Stop>;

// A Start that was carried out and whose JobLeased has not come back yet: it holds a slot, and is
// not started again.
struct Offer {
  std::size_t job = 0;
  base::TimePoint at;
};

struct Limits {
  std::uint32_t jobs = 1;  // at a time
  std::vector<Offer> offers;
};

std::vector<Action> next(const RunState& state, const plan::Plan& plan, const Limits& limits,
                         base::TimePoint now);

// Whether nothing but approvals keeps the run from going on: some wait for a person, and every
// other job is over or waits for them.
bool waits_for_people(const RunState& state, const plan::Plan& plan);

// When next() will have more to say though no event arrives: a job's timeout, the end of the wait
// before a further attempt, or the patience with a worker that was asked to stop. None: only an
// event can move the run.
std::optional<base::TimePoint> next_deadline(const RunState& state, const plan::Plan& plan,
                                             const Limits& limits);

}  // namespace pipeline::run
