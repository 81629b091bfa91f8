// What a job's end means: causes and errors as the statuses and sentences that people read. Pure.
#pragma once

#include <string>

#include "pipelines/base/error.h"
#include "pipelines/model/stage.h"
#include "pipelines/run/outcome.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::step {

struct Verdict {
  run::JobStatus status = run::JobStatus::succeeded;
  std::string reason;
};

// `commands` is how many there were to run. Cancelled and timed-out jobs get their reason from
// whoever stopped them, if anybody did.
Verdict verdict_of(const sandbox::SandboxResult& result, std::size_t commands,
                   base::Duration timeout);

// An error on the way: `failed` when it is the job's doing (an output that it did not make, a FIFO
// in an artifact), else `errored`.
Verdict verdict_of(const base::Error& error);

}  // namespace pipeline::step
