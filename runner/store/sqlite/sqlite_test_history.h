// TestHistory on SQLite. See test_history.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/test_history.h"

namespace pipeline::store {

base::Result<std::unique_ptr<TestHistory>> open_sqlite_test_history(const Paths& paths);

}  // namespace pipeline::store
