// UserStore on SQLite. See runner/store/user_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/user_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<UserStore>> open_sqlite_user_store(const Paths& paths);

}  // namespace pipeline::store
