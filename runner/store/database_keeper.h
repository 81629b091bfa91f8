// The database of a state directory as a whole: copied while others write to it, looked over before
// it is trusted, and rid of what nobody needs any more.
//
// Threads: an object belongs to one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "pipelines/base/result.h"
#include "runner/store/run_store.h"

namespace pipeline::store {

class DatabaseKeeper {
 public:
  virtual ~DatabaseKeeper() = default;

  // The newest schema that this program knows.
  virtual int newest_schema() const = 0;
  // The one that the database has, which is left as it is; none: there is no database yet.
  virtual base::Result<std::optional<int>> present_schema() const = 0;
  // Takes the steps to the newest schema on a copy beside the database, which is removed again:
  // what would become of it. The database is left as it is. As opening it fails, or
  // ErrorKind::corrupt when what came out of it is damaged.
  virtual base::Result<> try_upgrade() const = 0;
  // Everything that was committed when it began, as a database of its own in `file`, which must not
  // exist. Writers do not wait for it. Which schema it has.
  virtual base::Result<int> copy_to(const std::filesystem::path& file) = 0;
  // Reads all of a database that nobody uses. Which schema it has; ErrorKind::corrupt when it is
  // damaged, ErrorKind::unavailable when it is newer than this program.
  virtual base::Result<int> look_over(const std::filesystem::path& file) = 0;

  // In a database that nobody uses, with the key of its secrets beside it: repositories of this
  // machine below the directory `from` are below `to` from now on, their secrets included. How many
  // of those could not be read with that key, and are still the old path's.
  virtual base::Result<std::size_t> move_repositories(const std::filesystem::path& file,
                                                      const std::filesystem::path& from,
                                                      const std::filesystem::path& to) = 0;

  // Everything that RunStore::save_cached() keeps.
  virtual base::Result<std::vector<CachedResult>> results() = 0;
  // Results that came from these runs are found no more.
  virtual base::Result<> forget_results_of(const std::vector<run::RunId>& runs) = 0;
  // The run and its events, not what its tests came to. REQUIRES: we hold its lease.
  virtual base::Result<> forget(run::RunId id) = 0;
};

}  // namespace pipeline::store
