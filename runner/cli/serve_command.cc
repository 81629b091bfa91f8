// pipeline serve, pipeline agent.
#include "runner/cli/commands.h"

namespace pipeline::cli {

Outcome execute(const ServeOptions& options, Context& context) {
  if (options.data) PIPELINE_TRY(context.services.use_state_directory(*options.data));
  PIPELINE_TRY(context.services.serve(options));
  return ExitCode::success;
}

Outcome execute(const AgentOptions& options, Context& context) {
  if (options.data) PIPELINE_TRY(context.services.use_state_directory(*options.data));
  PIPELINE_TRY(context.services.work_as_agent(options));
  return ExitCode::success;
}

}  // namespace pipeline::cli
