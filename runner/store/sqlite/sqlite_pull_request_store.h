// PullRequestStore on SQLite. See runner/store/pull_request_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/pull_request_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<PullRequestStore>> open_sqlite_pull_request_store(const Paths& paths);

}  // namespace pipeline::store
