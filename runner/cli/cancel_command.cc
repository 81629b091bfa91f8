// pipeline cancel: asks the process that drives a run, by signal, as Ctrl-C would.
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigqueue-style calls live in the POSIX header
#include <sys/pidfd.h>

#include <cerrno>

#include "runner/cli/commands.h"
#include "runner/cli/run_names.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/lease.h"
#include "stages/host/unique_fd.h"

namespace pipeline::cli {

namespace {

base::Error nobody_drives(run::RunId id) {
  const std::string number = std::to_string(id);
  return base::Error(base::ErrorKind::invalid, "run " + number + " is not under way")
      .hint("pipeline show " + number + " tells how it ended");
}

// A pid may be somebody else's by the time it is used. The pidfd holds on to one process; if that
// process still has the lease afterwards, it is the one that drives the run.
base::Result<host::UniqueFd> open_driver(const store::Paths& paths, run::RunId id) {
  const auto pid = store::lease_holder(paths, id);
  if (!pid) return base::fail(nobody_drives(id));
  host::UniqueFd driver(::pidfd_open(*pid, 0));
  if (!driver || store::lease_holder(paths, id) != pid) return base::fail(nobody_drives(id));
  return driver;
}

}  // namespace

Outcome execute(const CancelOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store));
  PIPELINE_TRY(store->events(id));  // says so when there is no such run
  PIPELINE_ASSIGN(const host::UniqueFd driver, open_driver(*paths, id));
  const std::string number = std::to_string(id);
  if (::pidfd_send_signal(driver.get(), SIGTERM, nullptr, 0) != 0) {
    if (errno == ESRCH) return base::fail(nobody_drives(id));
    return base::fail(base::Error::from_errno(errno, "ask the driver of run " + number)
                          .hint("it belongs to another user: cancel it as that user"));
  }
  context.console.out.write("asked run " + number + " to stop; pipeline show " + number +
                            " tells when it has\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
