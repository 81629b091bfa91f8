// The one SQLite database of the state directory: opening it, its schema, and the way from SQLite's
// exceptions to Error. Shared by the run store and the deployment journal.
//
// WAL, so that readers never wait for the writer. What a commit costs and survives is the caller's
// choice (Durability); both kinds may be open on one file, from several processes.
// Threads: an object belongs to one thread.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <type_traits>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"

namespace pipeline::store {

enum class Durability {
  process,  // survives kill -9; a power cut may take the last commits (synchronous = NORMAL)
  power,    // survives a power cut; an fsync a commit (synchronous = FULL)
};

class Database {
 public:
  // Creates the file and its schema when there is none, brings an older schema up to date, and
  // refuses a newer one (ErrorKind::unavailable). ErrorKind::corrupt when the file is not a
  // database, is damaged, or is empty although there are runs. Any number of processes may open a
  // new one at once.
  static base::Result<Database> open(const Paths& paths, Durability durability);

  SQLite::Database& handle() { return *handle_; }
  const std::filesystem::path& file() const { return file_; }
  // For the transactions from now on; not inside one.
  void set_durability(Durability durability);

  // Runs `work` (which may throw SQLite::Exception and may return a Result) and turns what SQLite
  // threw into an Error: "failed to <attempt>: …" with what the user can do about it.
  template <class Work>
  auto guarded(std::string_view attempt, Work work)
      -> base::Result<typename std::invoke_result_t<Work>::value_type> {
    try {
      return work();
    } catch (const SQLite::Exception& exception) {
      return base::fail(to_error(exception).during(attempt));
    }
  }

 private:
  explicit Database(std::filesystem::path file) : file_(std::move(file)) {}
  // May throw SQLite::Exception.
  void connect(Durability durability);
  base::Error to_error(const SQLite::Exception& exception) const;

  std::unique_ptr<SQLite::Database> handle_;
  std::filesystem::path file_;
};

}  // namespace pipeline::store
