// The process that drives a run, and how it is asked to stop: by signal, as Ctrl-C would.
#pragma once

#include "pipelines/base/result.h"
#include "runner/store/paths.h"

namespace pipeline::cli {

// ErrorKind::invalid when nobody drives it, and for a child run that its parent's process drives:
// asking that to stop would end both. `spec` is the run's.
base::Result<> ask_to_stop(const store::Paths& paths, run::RunId id, const run::RunSpec& spec);

}  // namespace pipeline::cli
