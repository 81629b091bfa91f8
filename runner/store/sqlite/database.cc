#include "runner/store/sqlite/database.h"

#include <sqlite3.h>

#include <string>

#include "runner/store/sqlite/schema.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

// Writers hold the lock for less than a millisecond; whoever waits this long waits for a stopped
// process.
constexpr int kBusyMillis = 10'000;

int schema_version(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

// Takes the missing steps, each in a transaction with its number, so that two processes that open a
// new file at once, or a death in between, do no harm.
Result<> bring_up_to_date(SQLite::Database& database, const std::string& file) {
  const auto steps = schema_steps();
  const int newest = static_cast<int>(steps.size());
  if (schema_version(database) == newest) return {};
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const int version = schema_version(database);
  if (version > newest) {
    return base::fail(base::Error(ErrorKind::unavailable,
                                  file +
                                      ": it was written by a newer version of pipeline (schema " +
                                      std::to_string(version) + ", this one knows " +
                                      std::to_string(newest) + ")")
                          .hint("use that version, or set PIPELINE_HOME to another directory"));
  }
  for (int step = version; step < newest; ++step) database.exec(steps[static_cast<size_t>(step)]);
  database.exec("PRAGMA user_version = " + std::to_string(newest));
  transaction.commit();
  return {};
}

}  // namespace

Result<Database> Database::open(const std::filesystem::path& file, Durability durability) {
  const std::string attempt = "open the store";
  Database database(nullptr, file);
  auto opened = database.guarded(attempt, [&]() -> Result<> {
    database.handle_ = std::make_unique<SQLite::Database>(
        file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMillis);
    // A checkpoint when the last process closes costs several fsyncs at the end of every run, and
    // one at the start of the next: the log is folded in when it has grown instead.
    sqlite3_db_config(database.handle_->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    database.handle_->exec("PRAGMA journal_mode = WAL");
    database.handle_->exec("PRAGMA foreign_keys = ON");
    database.set_durability(durability);
    if (auto current = bring_up_to_date(*database.handle_, file.string()); !current) {
      return base::during(std::move(current), attempt);
    }
    return {};
  });
  PIPELINE_TRY(std::move(opened));
  return database;
}

void Database::set_durability(Durability durability) {
  handle_->exec(durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                : "PRAGMA synchronous = NORMAL");
}

base::Error Database::to_error(const SQLite::Exception& exception) const {
  const std::string file = file_.string();
  const std::string where = file + ": ";
  switch (static_cast<unsigned>(exception.getErrorCode()) & 0xffU) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return base::Error(ErrorKind::corrupt, where + "it is damaged (" + exception.what() + ")")
          .hint(
              "put a copy of it back; or move it away and start afresh: mv " + file + " " + file +
              ".damaged; logs and artifacts beside it stay, but what is deployed is then unknown, "
              "and must be ended by hand before the next deployment");
    case SQLITE_FULL:
      return base::Error(ErrorKind::exhausted, where + "no space left on the device")
          .hint("free some space there, or set PIPELINE_HOME to another directory");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return base::Error(ErrorKind::permission, where + "it cannot be opened for writing")
          .hint("check who owns it and its directory, or set PIPELINE_HOME to another directory");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return base::Error(ErrorKind::conflict, where + "another process keeps it locked")
          .hint("look for a stopped pipeline process: fuser " + file);
    case SQLITE_IOERR:
      return base::Error(ErrorKind::io, where + exception.what())
          .hint("check the disk and its free space");
    default:
      return {ErrorKind::internal, where + exception.what()};
  }
}

}  // namespace pipeline::store
