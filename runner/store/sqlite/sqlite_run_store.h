// RunStore on SQLite and the state directory's leases. See run_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/clock.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<RunStore>> open_sqlite_run_store(const Paths& paths);

}  // namespace pipeline::store
