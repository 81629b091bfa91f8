// The runs of this machine's state directory.
#pragma once

#include "runner/cli/run_reader.h"
#include "runner/cli/services.h"

namespace pipeline::cli {

// `services` must outlive it; its parts are opened when they are first asked for. Logs may be
// opened on another thread than the rest is read on.
base::Result<std::unique_ptr<RunReader>> local_runs(Services& services);

}  // namespace pipeline::cli
