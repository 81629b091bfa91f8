// SecretStore on SQLite. See runner/store/secret_store.h for the contract. Every change reaches the
// disk itself (Durability::power): nobody keeps a second copy of a secret.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/secret_store.h"

namespace pipeline::store {

base::Result<std::unique_ptr<SecretStore>> open_sqlite_secret_store(const Paths& paths);

}  // namespace pipeline::store
