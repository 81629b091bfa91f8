// A state directory as one file, while servers and runs work on it: everything that cannot be made
// again. In: the database, the key of its secrets, the first token, hosted repositories, runs with
// their logs and reports, artifacts, all outputs that agents brought, environments. Not in:
// mirrors, trees, layers, caches, workspaces, uploads, exports, and who waits for whom.
//
// What names something is read before what it names: a repository's refs before its objects, the
// database before logs and artifacts. So whatever a part of the backup names is in it.
// Threads: one.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/keeping/packed_state.h"
#include "runner/store/database_keeper.h"
#include "runner/store/paths.h"

namespace pipeline::keeping {

// What is in a backup, for a person.
struct Contents {
  std::size_t runs = 0;
  std::size_t artifacts = 0;
  std::size_t repositories = 0;
  std::size_t environments = 0;
  std::size_t files = 0;
};
Contents contents_of(const std::vector<FileRecord>& files);

struct BackupDone {
  std::uint64_t size = 0;  // of the file
  Contents contents;
  std::vector<std::string> left_out;  // symlinks that lead out of the state directory
};

// Writes beside `file` and renames when all of it is on the disk; mode 0600, since the key of all
// secrets is in it. Whatever fails, and when it is stopped (ErrorKind::cancelled), nothing new has
// the name. ErrorKind::already_exists when something has it before.
base::Result<BackupDone> back_up(const store::Paths& paths, store::DatabaseKeeper& database,
                                 const std::filesystem::path& file, const std::string& program,
                                 base::TimePoint now, const std::stop_token& stop,
                                 const Progress& progress);

}  // namespace pipeline::keeping
