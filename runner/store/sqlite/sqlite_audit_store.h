// AuditStore on SQLite. See runner/store/audit_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/audit_store.h"
#include "runner/store/paths.h"

namespace pipeline::store {

base::Result<std::unique_ptr<AuditStore>> open_sqlite_audit_store(const Paths& paths);

}  // namespace pipeline::store
