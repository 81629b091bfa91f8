// pipeline cancel.
#include "runner/cli/commands.h"
#include "runner/cli/run_driver.h"
#include "runner/cli/run_names.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/lease.h"

namespace pipeline::cli {

namespace {

// One process drives a child run and the run that began it: asking it to stop ends both.
base::Result<> refuse_part_of_another(const store::Paths& paths, run::RunId id,
                                      const std::vector<run::Event>& events) {
  const auto* created =
      events.empty() ? nullptr : std::get_if<run::RunCreated>(&events.front().body);
  if (created == nullptr || !created->spec.parent) return {};
  const run::RunId parent = created->spec.parent->run;
  const auto driver = store::lease_holder(paths, id);
  if (!driver || driver != store::lease_holder(paths, parent)) return {};
  const std::string number = std::to_string(parent);
  return base::fail(
      base::Error(base::ErrorKind::invalid, "run " + std::to_string(id) + " is the work of job " +
                                                created->spec.parent->job + " of run " + number)
          .hint("pipeline cancel " + number + " ends both"));
}

}  // namespace

Outcome execute(const CancelOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  // Says so when there is no such run.
  PIPELINE_ASSIGN(const std::vector<run::Event> events, of_a_name(store->events(id)));
  PIPELINE_TRY(refuse_part_of_another(*paths, id, events));
  PIPELINE_TRY(ask_to_stop(*paths, id));
  const std::string number = std::to_string(id);
  context.console.out.write("asked run " + number + " to stop; pipeline show " + number +
                            " tells when it has\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
