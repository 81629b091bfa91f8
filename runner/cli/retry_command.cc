// pipeline retry.
#include "runner/cli/commands.h"
#include "runner/cli/drive.h"
#include "runner/cli/run_names.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

Outcome execute(const RetryOptions& options, Context& context) {
  PIPELINE_ASSIGN(auto secrets, SecretSources::open(options.secrets, context));
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  PIPELINE_ASSIGN(engine::StoredRun stored, of_a_name(engine::load_run(*store, id)));
  DriveOptions driving{std::move(secrets), options.jobs, options.sandbox, options.no_wait,
                       options.format};
  if (stored.spec.detached) driving.jobs_live = JobLives::by_themselves;
  return drive(
      driving, context, [&](const engine::Surroundings& around, engine::Settings settings) {
        return engine::Engine::reopen(around, std::move(settings), id, std::move(stored.plan),
                                      engine::Retry{options.stages});
      });
}

}  // namespace pipeline::cli
