#include "runner/store/sqlite/sqlite_user_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

constexpr const char* kSelect = "SELECT name, added_at, issuer, subject FROM users ";

UserEntry entry_of(SQLite::Statement& row) {
  UserEntry entry{.name = row.getColumn(0).getString(),
                  .added_at = time_of(row.getColumn(1).getInt64())};
  if (!row.isColumnNull(2))
    entry.identity = Identity{row.getColumn(2).getString(), row.getColumn(3).getString()};
  return entry;
}

class SqliteUserStore final : public UserStore {
 public:
  explicit SqliteUserStore(Database database) : database_(std::move(database)) {}

  Result<> add(const UserEntry& entry) override {
    return database_.guarded("save the user " + entry.name, [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO users (name, added_at, issuer, subject)"
                               " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
      insert.bind(1, entry.name);
      insert.bind(2, micros(entry.added_at));
      if (entry.identity) insert.bind(3, entry.identity->issuer);
      if (entry.identity) insert.bind(4, entry.identity->subject);
      if (insert.exec() == 1) return {};
      return base::fail(ErrorKind::already_exists,
                        "there is a user \"" + entry.name + "\", or one who logs in so, already");
    });
  }

  Result<std::optional<UserEntry>> find(const std::string& name) override {
    return find_one("WHERE name = ?", name);
  }
  Result<std::optional<UserEntry>> find(const Identity& identity) override {
    return find_one("WHERE issuer = ? AND subject = ?", identity.issuer, identity.subject);
  }

  Result<std::vector<UserEntry>> list() override {
    return database_.guarded("list the users", [&]() -> Result<std::vector<UserEntry>> {
      SQLite::Statement query(database_.handle(), std::string(kSelect) + "ORDER BY name");
      std::vector<UserEntry> entries;
      while (query.executeStep()) entries.push_back(entry_of(query));
      return entries;
    });
  }

  Result<bool> remove(const std::string& name) override {
    return database_.guarded("remove the user " + name, [&]() -> Result<bool> {
      SQLite::Statement statement(database_.handle(), "DELETE FROM users WHERE name = ?");
      SQLite::bind(statement, name);
      return statement.exec() > 0;
    });
  }

 private:
  template <class... Values>
  Result<std::optional<UserEntry>> find_one(const char* where, const Values&... values) {
    return database_.guarded("look up a user", [&]() -> Result<std::optional<UserEntry>> {
      SQLite::Statement query(database_.handle(), std::string(kSelect) + where);
      SQLite::bind(query, values...);
      if (!query.executeStep()) return std::optional<UserEntry>();
      return std::optional(entry_of(query));
    });
  }

  Database database_;
};

}  // namespace

Result<std::unique_ptr<UserStore>> open_sqlite_user_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteUserStore>(std::move(database));
}

}  // namespace pipeline::store
