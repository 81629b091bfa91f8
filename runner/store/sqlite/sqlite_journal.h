// deploy::Journal on SQLite and the queues in the state directory. See stages/deploy/journal.h for
// the contract. Every append reaches the disk itself (Durability::power): it describes effects that
// outlive this machine's memory.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "stages/deploy/journal.h"

namespace pipeline::store {

base::Result<std::unique_ptr<deploy::Journal>> open_sqlite_journal(const Paths& paths);

}  // namespace pipeline::store
