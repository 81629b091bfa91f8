// The trace of a run that has ended, for whoever the environment says wants traces
// (runner/trace/otlp_receiver.h).
#pragma once

#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "runner/store/run_store.h"

namespace pipeline::cli {

// As a receiver takes it, from this program on this machine. `events` is the run's whole history.
std::string trace_body(run::RunId run, const plan::Plan& plan,
                       const std::vector<run::Event>& events);

// Sends it, if it is wanted. Blocks until the receiver has it, some seconds at most. What went
// wrong is nothing of the run's.
base::Result<> export_trace(run::RunId run, const plan::Plan& plan, store::RunStore& store);

}  // namespace pipeline::cli
