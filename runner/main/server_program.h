// `pipeline serve` and `pipeline agent`, put together from the parts of the program.
#pragma once

#include "pipelines/base/result.h"
#include "runner/cli/options.h"
#include "runner/cli/serve_settings.h"
#include "runner/main/parts.h"

namespace pipeline {

// Both until a signal ends them. `parts` are for the calling thread.
base::Result<> serve_with(const cli::ServeOrder& order, Parts& parts);
base::Result<> work_as_agent_with(const cli::AgentOptions& options, Parts& parts);

}  // namespace pipeline
