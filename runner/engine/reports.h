// What workers may say of a job, and which of it is news after a change of coordinators. Pure.
#pragma once

#include <vector>

#include "pipelines/run/event.h"
#include "pipelines/run/transition.h"

namespace pipeline::engine {

// What only a worker can know. Everything else a run records itself.
bool is_report(run::EventKind kind);

// Of what an attempt reported, oldest first, that which is not in the run's history: everything
// after the last report that was recorded. They are compared by kind: texts are masked in one place
// and in the other, and need not be equal.
std::vector<run::Event> unrecorded(std::vector<run::Event> reported,
                                   const std::vector<run::Event>& history,
                                   const run::JobRef& attempt);

}  // namespace pipeline::engine
