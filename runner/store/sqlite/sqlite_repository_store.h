// RepositoryStore on SQLite. See runner/store/repository_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<RepositoryStore>> open_sqlite_repository_store(const Paths& paths);

}  // namespace pipeline::store
