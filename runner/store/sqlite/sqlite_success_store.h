// SuccessStore on SQLite. See runner/store/success_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/success_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<SuccessStore>> open_sqlite_success_store(const Paths& paths);

}  // namespace pipeline::store
