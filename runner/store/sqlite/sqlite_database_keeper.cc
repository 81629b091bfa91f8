#include "runner/store/sqlite/sqlite_database_keeper.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <array>

#include "pipelines/run/event_json.h"
#include "runner/store/secret_vault.h"
#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/schema.h"
#include "runner/store/sqlite/sqlite_secret_store.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::store {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using run::RunId;

class SqliteDatabaseKeeper final : public DatabaseKeeper {
 public:
  explicit SqliteDatabaseKeeper(Paths paths) : paths_(std::move(paths)) {}

  int newest_schema() const override { return static_cast<int>(schema_steps().size()); }
  Result<std::optional<int>> present_schema() const override;
  Result<> try_upgrade() const override;
  Result<int> copy_to(const std::filesystem::path& file) override;
  Result<int> look_over(const std::filesystem::path& file) override;
  Result<std::size_t> move_repositories(const std::filesystem::path& file,
                                        const std::filesystem::path& from,
                                        const std::filesystem::path& to) override;
  Result<std::vector<CachedResult>> results() override;
  Result<> forget_results_of(const std::vector<RunId>& runs) override;
  Result<> forget(RunId id) override;

 private:
  Result<Database*> database() {
    if (!database_) {
      PIPELINE_ASSIGN(database_, Database::open(paths_, Durability::process));
    }
    return &*database_;
  }

  Paths paths_;
  std::optional<Database> database_;
};

int schema_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

Result<std::optional<int>> SqliteDatabaseKeeper::present_schema() const {
  std::error_code error;
  const auto file = paths_.database();
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  try {
    SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
    return schema_of(database);
  } catch (const SQLite::Exception& exception) {
    return base::fail(ErrorKind::corrupt,
                      file.string() + ": it cannot be read: " + exception.what());
  }
}

Result<> check(SQLite::Database& database) {
  const std::string integrity = database.execAndGet("PRAGMA integrity_check").getString();
  if (integrity != "ok")
    return base::fail(ErrorKind::corrupt, "its database is damaged: " + integrity);
  SQLite::Statement dangling(database, "PRAGMA foreign_key_check");
  if (dangling.executeStep())
    return base::fail(ErrorKind::corrupt, "its database is damaged: a row of " +
                                              dangling.getColumn(0).getString() +
                                              " belongs to nothing");
  return {};
}

void copy(SQLite::Database& database, const std::filesystem::path& file) {
  SQLite::Statement copy(database, "VACUUM INTO ?");
  copy.bind(1, file.string());
  copy.exec();
}

// On the same disk: there has to be room for it there, as there has for a backup.
Result<> SqliteDatabaseKeeper::try_upgrade() const {
  constexpr const char* kTrial = "upgrade-trial-";
  workspace::sweep(paths_.root(), kTrial);
  PIPELINE_ASSIGN(const auto trial, workspace::ScratchDirectory::make(paths_.root(), kTrial));
  const Paths paths(trial.path());
  try {
    SQLite::Database database(paths_.database().string(), SQLite::OPEN_READONLY);
    copy(database, paths.database());
  } catch (const SQLite::Exception& exception) {
    return base::fail(ErrorKind::failed,
                      std::string("its database cannot be copied: ") + exception.what());
  }
  PIPELINE_ASSIGN(Database upgraded, Database::open(paths, Durability::process));
  return upgraded.guarded("look it over", [&] { return check(upgraded.handle()); });
}

// A reader's transaction: in WAL mode nobody waits for it.
Result<int> SqliteDatabaseKeeper::copy_to(const std::filesystem::path& file) {
  PIPELINE_ASSIGN(Database* const database, this->database());
  return database->guarded("copy the store", [&]() -> Result<int> {
    copy(database->handle(), file);
    return schema_of(database->handle());
  });
}

Result<int> SqliteDatabaseKeeper::look_over(const std::filesystem::path& file) {
  try {
    SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
    const int schema = schema_of(database);
    if (schema > newest_schema())
      return base::fail(
          Error(ErrorKind::unavailable, "its database is of a newer version of pipeline (schema " +
                                            std::to_string(schema) + ", this one knows " +
                                            std::to_string(newest_schema()) + ")")
              .hint("use that version"));
    if (schema == 0) return base::fail(ErrorKind::corrupt, "its database is empty");
    PIPELINE_TRY(check(database));
    return schema;
  } catch (const SQLite::Exception& exception) {
    return base::fail(ErrorKind::corrupt,
                      std::string("its database is damaged: ") + exception.what());
  }
}

// Of a path as a whole value, and of one that begins a string of a JSON line.
constexpr std::array kMoves = {
    "UPDATE runs SET repository = ?2 || substr(repository, length(?1) + 1)"
    " WHERE substr(repository, 1, length(?1)) = ?1",
    "UPDATE tested_jobs SET repository = ?2 || substr(repository, length(?1) + 1)"
    " WHERE substr(repository, 1, length(?1)) = ?1",
    "UPDATE events SET body = replace(body, '\"' || ?1, '\"' || ?2)"
    " WHERE instr(body, '\"' || ?1) > 0",
    "UPDATE journal SET body = replace(body, '\"' || ?1, '\"' || ?2)"
    " WHERE instr(body, '\"' || ?1) > 0"};

// They are sealed for a repository by its path. How many could not be read.
Result<std::size_t> move_secrets(const Paths& paths, const std::string& before,
                                 const std::string& after) {
  PIPELINE_ASSIGN(const auto store, open_sqlite_secret_store(paths));
  SecretVault vault(*store, secret::key_place(paths.secret_key()));
  PIPELINE_ASSIGN(const auto entries, store->list());
  std::size_t unreadable = 0;
  for (const SecretEntry& entry : entries) {
    if (!entry.id.repository || !entry.id.repository->starts_with(before)) continue;
    const auto value = vault.get(entry.id);
    if (!value || !*value) {
      ++unreadable;
      continue;
    }
    SecretEntry moved = entry;
    moved.id.repository = after + entry.id.repository->substr(before.size());
    PIPELINE_TRY(vault.set(moved, **value));
    PIPELINE_TRY(vault.remove(entry.id));
  }
  return unreadable;
}

Result<std::size_t> SqliteDatabaseKeeper::move_repositories(const std::filesystem::path& file,
                                                            const std::filesystem::path& from,
                                                            const std::filesystem::path& to) {
  const std::string before = from.string() + "/";
  const std::string after = to.string() + "/";
  const Paths paths(file.parent_path());
  // With the newest schema, since that is what we know the tables of.
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::process));
  auto moved = database.guarded("move the hosted repositories", [&]() -> Result<> {
    SQLite::Transaction transaction(database.handle(), SQLite::TransactionBehavior::IMMEDIATE);
    for (const char* sql : kMoves) {
      SQLite::Statement move(database.handle(), sql);
      SQLite::bind(move, before, after);
      move.exec();
    }
    transaction.commit();
    return {};
  });
  PIPELINE_TRY(std::move(moved));
  return move_secrets(paths, before, after);
}

Result<std::vector<CachedResult>> SqliteDatabaseKeeper::results() {
  PIPELINE_ASSIGN(Database* const database, this->database());
  return database->guarded("read the results", [&]() -> Result<std::vector<CachedResult>> {
    std::vector<CachedResult> results;
    SQLite::Statement query(database->handle(), "SELECT event FROM results");
    while (query.executeStep()) {
      PIPELINE_ASSIGN(const run::Event event, run::event_from_json(query.getColumn(0).getString()));
      const auto* cached = std::get_if<run::JobCached>(&event.body);
      if (cached == nullptr) return base::fail(ErrorKind::corrupt, "a stored result is none");
      results.push_back({cached->from_run, cached->outputs, cached->artifacts, cached->tests,
                         cached->from_job, cached->from_attempt});
    }
    return results;
  });
}

Result<> SqliteDatabaseKeeper::forget_results_of(const std::vector<RunId>& runs) {
  PIPELINE_ASSIGN(Database* const database, this->database());
  return database->guarded("forget results", [&]() -> Result<> {
    SQLite::Transaction transaction(database->handle(), SQLite::TransactionBehavior::IMMEDIATE);
    std::vector<std::string> keys;
    SQLite::Statement query(database->handle(), "SELECT key, event FROM results");
    while (query.executeStep()) {
      PIPELINE_ASSIGN(const run::Event event, run::event_from_json(query.getColumn(1).getString()));
      const auto* cached = std::get_if<run::JobCached>(&event.body);
      if (cached != nullptr && std::ranges::find(runs, cached->from_run) != runs.end())
        keys.push_back(query.getColumn(0).getString());
    }
    SQLite::Statement remove(database->handle(), "DELETE FROM results WHERE key = ?");
    for (const std::string& key : keys) {
      bind_blob(remove, 1, key);
      remove.exec();
      remove.reset();
    }
    transaction.commit();
    return {};
  });
}

Result<> SqliteDatabaseKeeper::forget(RunId id) {
  PIPELINE_ASSIGN(Database* const database, this->database());
  return database->guarded("forget run " + std::to_string(id), [&]() -> Result<> {
    SQLite::Transaction transaction(database->handle(), SQLite::TransactionBehavior::IMMEDIATE);
    for (const char* sql : {"DELETE FROM events WHERE run = ?", "DELETE FROM runs WHERE id = ?"}) {
      SQLite::Statement remove(database->handle(), sql);
      remove.bind(1, number(id));
      remove.exec();
    }
    transaction.commit();
    return {};
  });
}

}  // namespace

std::unique_ptr<DatabaseKeeper> make_sqlite_database_keeper(const Paths& paths) {
  return std::make_unique<SqliteDatabaseKeeper>(paths);
}

}  // namespace pipeline::store
