// FiringStore on SQLite. See runner/store/firing_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/firing_store.h"
#include "runner/store/paths.h"

namespace pipeline::store {

base::Result<std::unique_ptr<FiringStore>> open_sqlite_firing_store(const Paths& paths);

}  // namespace pipeline::store
