#include "runner/store/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>

#include <chrono>
#include <string>
#include <thread>

#include "runner/store/sqlite/schema.h"
#include "stages/host/file.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

// Writers hold the lock for less than a millisecond; whoever waits this long waits for a stopped
// process.
constexpr int kBusyMillis = 10'000;

constexpr std::string_view kAttempt = "open the store";

int schema_version(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

// Takes the missing steps in one transaction with their number, so that a death in between does no
// harm.
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
                          .during(kAttempt)
                          .hint("use that version, or set PIPELINE_HOME to another directory"));
  }
  for (int step = version; step < newest; ++step) database.exec(steps[static_cast<size_t>(step)]);
  database.exec("PRAGMA user_version = " + std::to_string(newest));
  transaction.commit();
  return {};
}

// Switching a new file to WAL needs it alone, and SQLite then refuses at once instead of waiting
// out the busy time: so one process opens at a time. It takes less than a millisecond.
Result<host::UniqueFd> open_alone(const std::filesystem::path& lock_file) {
  auto lock = host::open_file(lock_file, O_RDWR | O_CREAT, 0644);
  if (!lock) return host::UniqueFd();  // SQLite will say why, or a full disk is only read
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMillis);
  while (::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return base::fail(
          base::Error::from_errno(errno, "lock " + lock_file.string()).during(kAttempt));
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return base::fail(
          base::Error(ErrorKind::conflict, lock_file.string() + ": another process keeps it locked")
              .during(kAttempt)
              .hint("look for a stopped pipeline process: fuser " + lock_file.string()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return lock;
}

std::string start_afresh(const std::string& file) {
  return "restore it, or move it away and start afresh: mv " + file + " " + file +
         ".damaged; logs and artifacts beside it stay, but environments/ belongs to it: stop what "
         "runs there and move it away, too";
}

bool has_runs(const Paths& paths) {
  std::error_code error;
  return std::filesystem::directory_iterator(paths.runs(), error) !=
         std::filesystem::directory_iterator();
}

base::Error emptied(const std::string& file) {
  return base::Error(ErrorKind::corrupt,
                     file + ": it is damaged (it is empty, but there are runs beside it)")
      .during(kAttempt)
      .hint(start_afresh(file));
}

}  // namespace

Result<Database> Database::open(const Paths& paths, Durability durability) {
  Database database(paths.database());
  PIPELINE_ASSIGN(const host::UniqueFd alone, open_alone(paths.database_lock()));
  // None at all is how one starts afresh beside older runs. Looked at before SQLite does, which
  // throws away the log of an empty file.
  std::error_code error;
  const bool existed = std::filesystem::exists(database.file_, error);
  if (existed && std::filesystem::file_size(database.file_, error) == 0 && has_runs(paths)) {
    return base::fail(emptied(database.file_.string()));
  }
  auto opened = database.guarded(kAttempt, [&]() -> Result<> {
    database.connect(durability);
    if (existed && schema_version(*database.handle_) == 0 && has_runs(paths)) {
      return base::fail(emptied(database.file_.string()));
    }
    return bring_up_to_date(*database.handle_, database.file_.string());
  });
  PIPELINE_TRY(std::move(opened));
  return database;
}

void Database::connect(Durability durability) {
  handle_ = std::make_unique<SQLite::Database>(
      file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMillis);
  // A checkpoint when the last process closes costs several fsyncs at the end of every run, and
  // one at the start of the next: the log is folded in when it has grown instead.
  sqlite3_db_config(handle_->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  handle_->exec("PRAGMA journal_mode = WAL");
  handle_->exec("PRAGMA foreign_keys = ON");
  set_durability(durability);
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
          .hint(start_afresh(file));
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
