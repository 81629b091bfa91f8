// The lease of a run: an open-file-description lock on runs/<id>/lease, freed by the kernel when
// its holder dies, however it dies. The file holds the holder's pid, for `pipeline cancel`.
#pragma once

#include <memory>
#include <optional>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"

namespace pipeline::store {

// Makes the run's directory if need be. ErrorKind::conflict while another process, or another
// object of this one, holds it.
base::Result<std::unique_ptr<RunLease>> take_lease(const Paths& paths, run::RunId id);

// The same for the server of a state directory, of which there is one. ErrorKind::conflict while
// another has it.
base::Result<std::unique_ptr<RunLease>> take_server_lock(const Paths& paths);
// Its pid; none: there is no server.
std::optional<int> server_of(const Paths& paths);

// The same for whoever copies or cleans a state directory, beside those who work on it.
base::Result<std::unique_ptr<RunLease>> take_keeping_lock(const Paths& paths);

// The pid of whoever drives the run now; none: nobody. Never takes the lock, so it cannot disturb a
// taker.
std::optional<int> lease_holder(const Paths& paths, run::RunId id);

}  // namespace pipeline::store
