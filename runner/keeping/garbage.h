// Takes away what a state directory holds and nothing refers to: runs that the policy no longer
// keeps, then artifacts and packed outputs that no kept run, kept result or release names. Beside
// servers and runs that go on.
//
// Kept, whatever the policy says: runs that have not finished, those that a release came from, and
// those whose results or child runs a kept run has.
//
// Order: results of the runs that go are found no more; then of each run, under its lease, its
// files, its rows, its directory; then everything is looked at anew, and what is named by nothing
// and was not touched for retention::kGrace goes. Whoever is killed in between leaves a run without
// logs, or files that the next call takes.
// Threads: one.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/retention/retention.h"
#include "runner/store/database_keeper.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"
#include "stages/deploy/journal.h"

namespace pipeline::keeping {

struct Garbage {
  std::vector<run::RunId> runs;
  std::size_t artifacts = 0;
  std::size_t outputs = 0;  // of jobs, packed
  std::uint64_t bytes = 0;  // of files
};

struct GarbageTools {
  const store::Paths& paths;
  store::RunStore& runs;
  store::DatabaseKeeper& database;
  deploy::Journal& journal;
};

// Only looks.
base::Result<Garbage> find_garbage(const GarbageTools& tools, const retention::Policy& policy,
                                   base::TimePoint now);
// What went. ErrorKind::cancelled when it was stopped, between two runs or files; what went by then
// is gone.
base::Result<Garbage> remove_garbage(const GarbageTools& tools, const retention::Policy& policy,
                                     base::TimePoint now, const std::stop_token& stop);

}  // namespace pipeline::keeping
