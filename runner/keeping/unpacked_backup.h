// The files of a backup as they come out of it. Nothing that it says is believed: every path must
// be one of a state directory and come once, symlinks lead nowhere out, sizes and digests are
// held against the manifest, artifacts against their names.
//
// Threads: one.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "runner/keeping/packed_state.h"
#include "runner/store/database_keeper.h"

namespace pipeline::keeping {

class UnpackedBackup {
 public:
  // What is written below the directory: all of it, or the database alone, which has to lie
  // somewhere to be looked over.
  enum class Write { everything, database };

  // The directory is empty and nobody else's. What is given outlives it.
  UnpackedBackup(std::filesystem::path directory, Write write, store::DatabaseKeeper& database,
                 std::stop_token stop, Progress progress)
      : directory_(std::move(directory)),
        write_(write),
        database_(database),
        stop_(std::move(stop)),
        progress_(std::move(progress)) {}

  // Reads the backup that the descriptor is of, to its end. What it said is in it, after all of it
  // was seen to be so. ErrorKind::corrupt, or ErrorKind::unavailable for one that is too new.
  base::Result<Manifest> read(int backup_fd);

 private:
  base::Result<> take(const artifact::BundleEntry& entry, artifact::BundleReader& reader);
  base::Result<> take_directory(const artifact::BundleEntry& entry);
  base::Result<> take_symlink(const artifact::BundleEntry& entry);
  base::Result<> take_file(const artifact::BundleEntry& entry, artifact::BundleReader& reader);
  base::Result<> take_manifest(artifact::BundleReader& reader);
  base::Result<FileRecord> copy(const artifact::BundleEntry& entry, artifact::BundleReader& reader,
                                int to);
  base::Result<> check_against_manifest() const;
  base::Result<> set_modes() const;

  const std::filesystem::path directory_;
  const Write write_;
  store::DatabaseKeeper& database_;
  std::stop_token stop_;
  Progress progress_;
  int root_ = -1;
  std::set<std::string> paths_;
  std::map<std::string, FileRecord> files_;
  // Set when all is in them: some forbid even that.
  std::vector<std::pair<std::string, mode_t>> directory_modes_;
  std::optional<int> schema_;
  std::optional<Manifest> manifest_;
  std::uint64_t bytes_ = 0;
};

}  // namespace pipeline::keeping
