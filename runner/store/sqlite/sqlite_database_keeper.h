// DatabaseKeeper over the state directory's SQLite database, which is opened when it is first
// needed: looking over another file takes none.
#pragma once

#include <memory>

#include "runner/store/database_keeper.h"
#include "runner/store/paths.h"

namespace pipeline::store {

std::unique_ptr<DatabaseKeeper> make_sqlite_database_keeper(const Paths& paths);

}  // namespace pipeline::store
