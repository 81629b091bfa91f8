// pipeline retry.
#include "runner/cli/commands.h"
#include "runner/cli/drive.h"
#include "runner/cli/in_background.h"
#include "runner/cli/remote_run.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"
#include "runner/cli/user_name.h"

namespace pipeline::cli {

namespace {

Outcome retry_here(const RetryOptions& options, SecretSources secrets, Context& context,
                   Detachment* detachment) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  PIPELINE_ASSIGN(engine::StoredRun stored, load_run(*place.runs, id));
  DriveOptions driving{std::move(secrets), options.jobs, options.sandbox, options.no_wait,
                       options.format};
  if (stored.state.detached) driving.jobs_live = JobLives::by_themselves;
  if (detachment != nullptr) driving.leave_by(*detachment);
  const engine::Retry retry{options.stages, detachment != nullptr, user_name()};
  return drive(driving, context,
               [&](const engine::Surroundings& around, engine::Settings settings) {
                 return engine::Engine::reopen(around, std::move(settings), id,
                                               std::move(stored.plan), retry);
               });
}

}  // namespace

Outcome execute(const RetryOptions& options, Context& context) {
  if (is_of_server(options.server)) return retry_on_server(options, context);
  return work_here_or_in_background(options.detach, options.secrets, options.format, context,
                                    [&](SecretSources secrets, Detachment* detachment) {
                                      return retry_here(options, std::move(secrets), context,
                                                        detachment);
                                    });
}

}  // namespace pipeline::cli
