// A run on a server, started from here and shown as if it were here.
#pragma once

#include "runner/cli/commands.h"

namespace pipeline::cli {

// `pipeline run --server`: of a repository that the server knows. Ctrl-C leaves it going.
Outcome run_on_server(const RunOptions& options, Context& context);
// What a server has, instead of this machine.
Outcome list_runs_of_server(const RunsOptions& options, Context& context);
Outcome cancel_on_server(const CancelOptions& options, Context& context);
Outcome print_log_of_server(const LogsOptions& options, Context& context);

}  // namespace pipeline::cli
