// ProtectionStore on SQLite. See runner/store/protection_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/protection_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<ProtectionStore>> open_sqlite_protection_store(const Paths& paths);

}  // namespace pipeline::store
