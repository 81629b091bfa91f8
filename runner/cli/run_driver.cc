#include "runner/cli/run_driver.h"

#include <csignal>

#include "runner/cli/run_place.h"
#include "runner/store/lease.h"
#include "stages/host/process_identity.h"

namespace pipeline::cli {

namespace {

base::Error nobody_drives(run::RunId id) {
  const std::string number = std::to_string(id);
  return base::Error(base::ErrorKind::invalid, "run " + number + " is not under way")
      .hint(commands_here().command("show", number) + " tells how it ended");
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

// One process drives a child run and the run that began it: asking it to stop ends both.
base::Result<> refuse_part_of_another(const store::Paths& paths, run::RunId id,
                                      const run::RunSpec& spec) {
  if (!spec.parent) return {};
  const run::RunId parent = spec.parent->run;
  const auto driver = store::lease_holder(paths, id);
  if (!driver || driver != store::lease_holder(paths, parent)) return {};
  const std::string number = std::to_string(parent);
  return base::fail(
      base::Error(base::ErrorKind::invalid, "run " + std::to_string(id) + " is the work of job " +
                                                spec.parent->job + " of run " + number)
          .hint(commands_here().command("cancel", number) + " ends both"));
}

}  // namespace

base::Result<> ask_to_stop(const store::Paths& paths, run::RunId id, const run::RunSpec& spec) {
  PIPELINE_TRY(refuse_part_of_another(paths, id, spec));
  // A signal would end the server.
  if (const auto driver = store::lease_holder(paths, id);
      driver && driver == store::server_of(paths)) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, "a server drives run " + std::to_string(id))
            .hint("pipeline cancel --server URL " + std::to_string(id)));
  }
  PIPELINE_ASSIGN(const host::ProcessIdentity driver, find_driver(paths, id));
  if (auto asked = host::signal_process(driver, SIGTERM); !asked) {
    return base::fail(std::move(asked)
                          .error()
                          .during("ask the process that drives run " + std::to_string(id))
                          .hint("it belongs to another user: cancel it as that user"));
  }
  return {};
}

}  // namespace pipeline::cli
