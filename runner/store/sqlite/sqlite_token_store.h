// TokenStore on SQLite. See runner/store/token_store.h for the contract.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/token_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<TokenStore>> open_sqlite_token_store(const Paths& paths);

}  // namespace pipeline::store
