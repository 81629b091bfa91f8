// How a run's summary follows from its events: one rule for every implementation of RunStore.
#pragma once

#include "runner/store/run_store.h"

namespace pipeline::store {

// A run that waits for its group has begun: its first jobs move.
bool ends_wait(const run::Event& event);

// Only RunCreated, RunRetried, RunWaiting, what ends that wait, and RunFinished change it.
void update_summary(RunSummary& summary, const run::Event& event);

// What a reader is shown of an unfinished run that nobody drives.
void mark_interrupted(RunSummary& summary);

// Whether a listing of these runs has it.
bool fits(const RunSummary& summary, const RunQuery& query);

// Whether `events` may follow event `last` of a run (0: it has none): numbered without a gap, and
// RunCreated the first and only the first. ErrorKind::conflict otherwise.
base::Result<> check_sequence(run::RunId id, std::uint64_t last,
                              std::span<const run::Event> events);

// append() was called for a run whose lease this object has not given out.
base::Error not_driven_here(run::RunId id);
base::Error unknown_run(run::RunId id);

}  // namespace pipeline::store
