// pipeline run.
#include "runner/cli/commands.h"
#include "runner/cli/drive.h"
#include "runner/cli/in_background.h"
#include "runner/cli/prepared_run.h"
#include "runner/cli/remote_run.h"

namespace pipeline::cli {

namespace {

Outcome run_here(const RunOptions& options, SecretSources secrets, Context& context,
                 Detachment* detachment) {
  // Jobs of a detached run are started by their supervisors.
  if (detachment == nullptr) context.services.expect_jobs(options.sandbox);
  PIPELINE_ASSIGN(PreparedRun prepared, prepare_run(options, context));
  DriveOptions driving{std::move(secrets), options.jobs, options.sandbox, options.no_wait,
                       options.format};
  if (detachment != nullptr) driving.leave_by(*detachment);
  return drive(driving, context,
               [&](const engine::Surroundings& around, engine::Settings settings) {
                 return engine::Engine::create(around, std::move(settings),
                                               std::move(prepared.spec), std::move(prepared.plan));
               });
}

}  // namespace

Outcome execute(const RunOptions& options, Context& context) {
  if (options.server.url || options.remote) return run_on_server(options, context);
  return work_here_or_in_background(options.detach, options.secrets, options.format, context,
                                    [&](SecretSources secrets, Detachment* detachment) {
                                      return run_here(options, std::move(secrets), context,
                                                      detachment);
                                    });
}

}  // namespace pipeline::cli
