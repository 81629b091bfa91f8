// A state directory made again from a backup: whole, or not at all.
// Threads: one.
#pragma once

#include <filesystem>
#include <stop_token>

#include "runner/keeping/backup.h"
#include "runner/keeping/manifest.h"

namespace pipeline::keeping {

struct Restored {
  Manifest manifest;
  // Of hosted repositories, which now lie elsewhere: the key that the backup holds does not fit.
  std::size_t unreadable_secrets = 0;
};

// Unpacks beside `root` and renames when everything was seen to be what the backup says, and is on
// the disk. `root` must not exist, or be empty: ErrorKind::already_exists otherwise.
// ErrorKind::corrupt for a backup that is damaged, cut off, or somebody's trick;
// ErrorKind::unavailable for one of a newer program.
base::Result<Restored> restore(const std::filesystem::path& file, const std::filesystem::path& root,
                               store::DatabaseKeeper& database, const std::stop_token& stop,
                               const Progress& progress);

// Only whether restore() would take it. Needs room for the database in the directory for temporary
// files.
base::Result<Manifest> check_backup(const std::filesystem::path& file,
                                    store::DatabaseKeeper& database, const std::stop_token& stop,
                                    const Progress& progress);

}  // namespace pipeline::keeping
