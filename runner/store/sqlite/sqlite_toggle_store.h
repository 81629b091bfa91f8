// ToggleStore on SQLite. See runner/store/toggle_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/toggle_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<ToggleStore>> open_sqlite_toggle_store(const Paths& paths);

}  // namespace pipeline::store
