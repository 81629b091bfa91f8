// What is done to the runs of a server, instead of this machine's.
#pragma once

#include "runner/cli/commands.h"

namespace pipeline::cli {

// `pipeline run --server`: of a repository that the server knows. Ctrl-C leaves it going.
Outcome run_on_server(const RunOptions& options, Context& context);
Outcome retry_on_server(const RetryOptions& options, Context& context);
Outcome attach_to_server(const AttachOptions& options, Context& context);
Outcome cancel_on_server(const CancelOptions& options, Context& context);

}  // namespace pipeline::cli
