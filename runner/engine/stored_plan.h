// A stored run, and its plan, made again from its first event: the one rule for whoever shows,
// retries or takes over a run.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"
#include "pipelines/run/state.h"
#include "runner/store/run_store.h"
#include "stages/source/source.h"

namespace pipeline::engine {

// Fails with ErrorKind::corrupt when the stored pipeline text cannot be read by this version.
base::Result<plan::Plan> plan_of(const run::RunSpec& spec);

// The tree that the run builds, for reading files of it.
source::Revision revision_of(const run::RunSpec& spec);

struct StoredRun {
  run::RunSpec spec;
  plan::Plan plan;
  run::RunState state;
  std::vector<run::Event> events;
};
// Of all the events so far. ErrorKind::corrupt when they are not a run's.
base::Result<StoredRun> stored_run(run::RunId id, std::vector<run::Event> events);
// ErrorKind::not_found for an unknown run.
base::Result<StoredRun> load_run(store::RunStore& store, run::RunId id);
// What the run was created with. ErrorKind::corrupt when these are not the events of a run.
base::Result<run::RunSpec> spec_in(const std::vector<run::Event>& events, run::RunId id);
// The same. ErrorKind::not_found for an unknown run.
base::Result<run::RunSpec> load_spec(store::RunStore& store, run::RunId id);

}  // namespace pipeline::engine
