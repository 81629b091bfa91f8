#include "runner/store/sqlite/sqlite_repository_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

RepositoryEntry entry_of(SQLite::Statement& row) {
  RepositoryEntry entry{.name = row.getColumn(0).getString(),
                        .added_at = time_of(row.getColumn(2).getInt64())};
  if (!row.isColumnNull(1)) entry.url = row.getColumn(1).getString();
  return entry;
}

class SqliteRepositoryStore final : public RepositoryStore {
 public:
  explicit SqliteRepositoryStore(Database database) : database_(std::move(database)) {}

  Result<> add(const RepositoryEntry& entry) override {
    return database_.guarded("save the repository " + entry.name, [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO repositories (name, url, added_at) VALUES (?, ?, ?)"
                               " ON CONFLICT (name) DO NOTHING");
      insert.bind(1, entry.name);
      bind_optional(insert, 2, entry.url);
      insert.bind(3, micros(entry.added_at));
      if (insert.exec() == 1) return {};
      return base::fail(ErrorKind::already_exists,
                        "there is a repository \"" + entry.name + "\" already");
    });
  }

  Result<std::optional<RepositoryEntry>> find(const std::string& name) override {
    return database_.guarded(
        "find the repository " + name, [&]() -> Result<std::optional<RepositoryEntry>> {
          SQLite::Statement query(database_.handle(),
                                  "SELECT name, url, added_at FROM repositories WHERE name = ?");
          SQLite::bind(query, name);
          if (!query.executeStep()) return std::optional<RepositoryEntry>();
          return std::optional(entry_of(query));
        });
  }

  Result<std::vector<RepositoryEntry>> list() override {
    return database_.guarded(
        "list the repositories", [&]() -> Result<std::vector<RepositoryEntry>> {
          SQLite::Statement query(database_.handle(),
                                  "SELECT name, url, added_at FROM repositories ORDER BY name");
          std::vector<RepositoryEntry> entries;
          while (query.executeStep()) entries.push_back(entry_of(query));
          return entries;
        });
  }

  Result<bool> remove(const std::string& name) override {
    return database_.guarded("remove the repository " + name, [&]() -> Result<bool> {
      SQLite::Statement statement(database_.handle(), "DELETE FROM repositories WHERE name = ?");
      SQLite::bind(statement, name);
      return statement.exec() > 0;
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<RepositoryStore>> open_sqlite_repository_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteRepositoryStore>(std::move(database));
}

}  // namespace pipeline::store
