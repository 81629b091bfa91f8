// EnvironmentStore on SQLite. See runner/store/environment_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/environment_store.h"
#include "runner/store/paths.h"

namespace pipeline::store {

base::Result<std::unique_ptr<EnvironmentStore>> open_sqlite_environment_store(const Paths& paths);

}  // namespace pipeline::store
