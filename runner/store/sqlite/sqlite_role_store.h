// RoleStore on SQLite. See runner/store/role_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/role_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<RoleStore>> open_sqlite_role_store(const Paths& paths);

}  // namespace pipeline::store
