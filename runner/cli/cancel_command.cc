// pipeline cancel: asks the process that drives a run, by signal, as Ctrl-C would.
#include <csignal>

#include "runner/cli/commands.h"
#include "runner/cli/run_names.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/lease.h"
#include "stages/host/process_identity.h"

namespace pipeline::cli {

namespace {

base::Error nobody_drives(run::RunId id) {
  const std::string number = std::to_string(id);
  return base::Error(base::ErrorKind::invalid, "run " + number + " is not under way")
      .hint("pipeline show " + number + " tells how it ended");
}

// The pid in the lease may be somebody else's by the time it is used. An identity means one
// process; if the lease is still held under that pid afterwards, that process holds it.
base::Result<host::ProcessIdentity> find_driver(const store::Paths& paths, run::RunId id) {
  const auto pid = store::lease_holder(paths, id);
  if (!pid) return base::fail(nobody_drives(id));
  const auto driver = host::identify(*pid);
  if (!driver || store::lease_holder(paths, id) != pid) return base::fail(nobody_drives(id));
  return *driver;
}

}  // namespace

Outcome execute(const CancelOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  PIPELINE_TRY(of_a_name(store->events(id)));  // says so when there is no such run
  PIPELINE_ASSIGN(const host::ProcessIdentity driver, find_driver(*paths, id));
  const std::string number = std::to_string(id);
  if (auto asked = host::signal_process(driver, SIGTERM); !asked) {
    return base::fail(std::move(asked)
                          .error()
                          .during("ask the process that drives run " + number)
                          .hint("it belongs to another user: cancel it as that user"));
  }
  context.console.out.write("asked run " + number + " to stop; pipeline show " + number +
                            " tells when it has\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
