// GroupStore on SQLite. See runner/store/group_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/group_store.h"
#include "runner/store/paths.h"

namespace pipeline::store {

base::Result<std::unique_ptr<GroupStore>> open_sqlite_group_store(const Paths& paths);

}  // namespace pipeline::store
