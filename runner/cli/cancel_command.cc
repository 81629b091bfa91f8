// pipeline cancel.
#include "runner/cli/commands.h"
#include "runner/cli/run_driver.h"
#include "runner/cli/run_names.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

Outcome execute(const CancelOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  PIPELINE_TRY(of_a_name(store->events(id)));  // says so when there is no such run
  PIPELINE_TRY(ask_to_stop(*paths, id));
  const std::string number = std::to_string(id);
  context.console.out.write("asked run " + number + " to stop; pipeline show " + number +
                            " tells when it has\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
