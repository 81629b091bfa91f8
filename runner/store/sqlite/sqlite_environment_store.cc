#include "runner/store/sqlite/sqlite_environment_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;

// In the order in which entry_of() reads them.
constexpr const char* kSelect =
    "SELECT repository, environment, text, set_by, set_at FROM defined_environments";

EnvironmentEntry entry_of(SQLite::Statement& row) {
  return {.repository = row.getColumn(0).getString(),
          .environment = row.getColumn(1).getString(),
          .text = row.getColumn(2).getString(),
          .set_by = row.getColumn(3).getString(),
          .set_at = time_of(row.getColumn(4).getInt64())};
}

class SqliteEnvironmentStore final : public EnvironmentStore {
 public:
  explicit SqliteEnvironmentStore(Database database) : database_(std::move(database)) {}

  Result<> set(const EnvironmentEntry& entry) override {
    return database_.guarded("save an environment", [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO defined_environments"
                               " (repository, environment, text, set_by, set_at)"
                               " VALUES (?1, ?2, ?3, ?4, ?5)"
                               " ON CONFLICT (repository, environment)"
                               " DO UPDATE SET text = ?3, set_by = ?4, set_at = ?5");
      SQLite::bind(insert, entry.repository, entry.environment, entry.text, entry.set_by,
                   micros(entry.set_at));
      insert.exec();
      return {};
    });
  }

  Result<std::optional<EnvironmentEntry>> find(const std::string& repository,
                                               const std::string& environment) override {
    return database_.guarded(
        "find an environment", [&]() -> Result<std::optional<EnvironmentEntry>> {
          SQLite::Statement query(
              database_.handle(),
              std::string(kSelect) + " WHERE repository = ? AND environment = ?");
          SQLite::bind(query, repository, environment);
          if (!query.executeStep()) return std::optional<EnvironmentEntry>();
          return std::optional(entry_of(query));
        });
  }

  Result<std::vector<EnvironmentEntry>> list(const std::string& repository) override {
    return database_.guarded(
        "list the environments of " + repository, [&]() -> Result<std::vector<EnvironmentEntry>> {
          SQLite::Statement query(
              database_.handle(),
              std::string(kSelect) + " WHERE repository = ? ORDER BY environment");
          SQLite::bind(query, repository);
          std::vector<EnvironmentEntry> entries;
          while (query.executeStep()) entries.push_back(entry_of(query));
          return entries;
        });
  }

  Result<bool> remove(const std::string& repository, const std::string& environment) override {
    return database_.guarded("remove an environment", [&]() -> Result<bool> {
      SQLite::Statement statement(
          database_.handle(),
          "DELETE FROM defined_environments WHERE repository = ? AND environment = ?");
      SQLite::bind(statement, repository, environment);
      return statement.exec() > 0;
    });
  }

  Result<> forget(const std::string& repository) override {
    return database_.guarded("forget the environments of " + repository, [&]() -> Result<> {
      SQLite::Statement statement(database_.handle(),
                                  "DELETE FROM defined_environments WHERE repository = ?");
      SQLite::bind(statement, repository);
      statement.exec();
      return {};
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<EnvironmentStore>> open_sqlite_environment_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteEnvironmentStore>(std::move(database));
}

}  // namespace pipeline::store
