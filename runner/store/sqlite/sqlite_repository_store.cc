#include "runner/store/sqlite/sqlite_repository_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

// In the order in which entry_of() reads them.
constexpr const char* kSelect =
    "SELECT name, url, added_at, forge, poll_ms, runs_forks, api_url, public_status FROM "
    "repositories";

// As the column `runs_forks` has it; what a newer program may have meant is ignored.
ForkPullRequests fork_rule_of(int number) {
  for (const auto rule : {ForkPullRequests::run, ForkPullRequests::approve_first})
    if (number == static_cast<int>(rule)) return rule;
  return ForkPullRequests::ignore;
}

RepositoryEntry entry_of(SQLite::Statement& row) {
  RepositoryEntry entry{.name = row.getColumn(0).getString(),
                        .added_at = time_of(row.getColumn(2).getInt64())};
  if (!row.isColumnNull(1)) entry.url = row.getColumn(1).getString();
  if (!row.isColumnNull(3)) entry.forge = forge::forge_of(row.getColumn(3).getString());
  if (!row.isColumnNull(4)) entry.poll = base::Duration(row.getColumn(4).getInt64());
  entry.fork_pull_requests = fork_rule_of(row.getColumn(5).getInt());
  if (!row.isColumnNull(6)) entry.api_url = row.getColumn(6).getString();
  entry.is_status_public = row.getColumn(7).getInt() != 0;
  return entry;
}

class SqliteRepositoryStore final : public RepositoryStore {
 public:
  explicit SqliteRepositoryStore(Database database) : database_(std::move(database)) {}

  Result<> add(const RepositoryEntry& entry) override {
    return database_.guarded("save the repository " + entry.name, [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO repositories"
                               " (name, url, added_at, forge, poll_ms, runs_forks, api_url,"
                               " public_status)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING");
      insert.bind(1, entry.name);
      bind_optional(insert, 2, entry.url);
      insert.bind(3, micros(entry.added_at));
      if (entry.forge) insert.bind(4, std::string(forge::to_string(*entry.forge)));
      if (entry.poll) insert.bind(5, static_cast<std::int64_t>(entry.poll->count()));
      insert.bind(6, static_cast<int>(entry.fork_pull_requests));
      bind_optional(insert, 7, entry.api_url);
      insert.bind(8, entry.is_status_public ? 1 : 0);
      if (insert.exec() == 1) return {};
      return base::fail(ErrorKind::already_exists,
                        "there is a repository \"" + entry.name + "\" already");
    });
  }

  Result<std::optional<RepositoryEntry>> find(const std::string& name) override {
    return database_.guarded(
        "find the repository " + name, [&]() -> Result<std::optional<RepositoryEntry>> {
          SQLite::Statement query(database_.handle(), std::string(kSelect) + " WHERE name = ?");
          SQLite::bind(query, name);
          if (!query.executeStep()) return std::optional<RepositoryEntry>();
          return std::optional(entry_of(query));
        });
  }

  Result<std::vector<RepositoryEntry>> list() override {
    return database_.guarded(
        "list the repositories", [&]() -> Result<std::vector<RepositoryEntry>> {
          SQLite::Statement query(database_.handle(), std::string(kSelect) + " ORDER BY name");
          std::vector<RepositoryEntry> entries;
          while (query.executeStep()) entries.push_back(entry_of(query));
          return entries;
        });
  }

  Result<bool> change(const RepositoryEntry& entry) override {
    return database_.guarded("save the repository " + entry.name, [&]() -> Result<bool> {
      SQLite::Statement update(
          database_.handle(),
          "UPDATE repositories SET api_url = ?, public_status = ? WHERE name = ?");
      bind_optional(update, 1, entry.api_url);
      update.bind(2, entry.is_status_public ? 1 : 0);
      update.bind(3, entry.name);
      return update.exec() == 1;
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
