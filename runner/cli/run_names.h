// RUN on the command line: a number, or `last`.
#pragma once

#include "pipelines/base/result.h"
#include "runner/cli/options.h"
#include "runner/store/run_store.h"

namespace pipeline::cli {

// ErrorKind::invalid when there is no run at all. A number is taken as it is.
base::Result<run::RunId> resolve(const RunName& name, store::RunStore& store);

}  // namespace pipeline::cli
