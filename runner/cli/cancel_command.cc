// pipeline cancel. A detached run that lost what drove it is taken over to end what is left of it.
#include <fcntl.h>

#include "runner/cli/commands.h"
#include "runner/cli/drive.h"
#include "runner/cli/remote_run.h"
#include "runner/cli/run_driver.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"
#include "runner/store/lease.h"
#include "stages/host/file.h"

namespace pipeline::cli {

namespace {

Outcome end_what_is_left(run::RunId id, engine::StoredRun stored, Context& context) {
  PIPELINE_ASSIGN(const host::UniqueFd nowhere, host::open_file("/dev/null", O_WRONLY));
  Console nobody(nowhere.get(), nowhere.get(), ColorWish::never);
  DriveOptions driving;
  driving.jobs_live = JobLives::by_themselves;
  driving.console = &nobody;
  PIPELINE_TRY(
      drive(driving, context, [&](const engine::Surroundings& around, engine::Settings settings) {
        return engine::Engine::resume(around, std::move(settings), id, std::move(stored.plan),
                                      "cancelled by the user");
      }));
  context.console.out.write("run " + std::to_string(id) +
                            " had lost what drove it; its jobs are ended\n");
  return ExitCode::success;
}

}  // namespace

Outcome execute(const CancelOptions& options, Context& context) {
  if (is_of_server(options.server)) return cancel_on_server(options, context);
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(auto stored, load_run(*place.runs, id));
  const bool is_open = !run::is_terminal(stored.state.status);
  if (stored.state.detached && is_open && !store::lease_holder(*paths, id)) {
    return end_what_is_left(id, std::move(stored), context);
  }
  PIPELINE_TRY(ask_to_stop(*paths, id, stored.spec));
  const std::string number = std::to_string(id);
  context.console.out.write("asked run " + number + " to stop; " +
                            place.commands.command("show", number) + " tells when it has\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
