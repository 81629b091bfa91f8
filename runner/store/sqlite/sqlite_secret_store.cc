#include "runner/store/sqlite/sqlite_secret_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;

std::string column_of(const std::optional<std::string>& repository) {
  return repository.value_or("");
}

class SqliteSecretStore final : public SecretStore {
 public:
  explicit SqliteSecretStore(Database database) : database_(std::move(database)) {}

  Result<> put(const SecretEntry& entry, const std::string& sealed) override;
  Result<std::optional<std::string>> find(const SecretId& id) override;
  Result<std::vector<SecretEntry>> list() override;
  Result<bool> remove(const SecretId& id) override;

 private:
  Database database_;
};

Result<> SqliteSecretStore::put(const SecretEntry& entry, const std::string& sealed) {
  return database_.guarded("save the secret " + entry.id.name, [&]() -> Result<> {
    SQLite::Statement insert(
        database_.handle(),
        "INSERT OR REPLACE INTO secrets (repository, name, sealed, set_at) VALUES (?, ?, ?, ?)");
    insert.bind(1, column_of(entry.id.repository));
    insert.bind(2, entry.id.name);
    bind_blob(insert, 3, sealed);
    insert.bind(4, micros(entry.set_at));
    insert.exec();
    return {};
  });
}

Result<std::optional<std::string>> SqliteSecretStore::find(const SecretId& id) {
  return database_.guarded(
      "find the secret " + id.name, [&]() -> Result<std::optional<std::string>> {
        SQLite::Statement query(database_.handle(),
                                "SELECT sealed FROM secrets WHERE repository = ? AND name = ?");
        SQLite::bind(query, column_of(id.repository), id.name);
        if (!query.executeStep()) return std::optional<std::string>();
        return std::optional(query.getColumn(0).getString());
      });
}

Result<std::vector<SecretEntry>> SqliteSecretStore::list() {
  return database_.guarded("list the secrets", [&]() -> Result<std::vector<SecretEntry>> {
    SQLite::Statement query(
        database_.handle(),
        "SELECT repository, name, set_at FROM secrets ORDER BY repository, name");
    std::vector<SecretEntry> entries;
    while (query.executeStep()) {
      SecretEntry entry;
      if (std::string repository = query.getColumn(0).getString(); !repository.empty()) {
        entry.id.repository = std::move(repository);
      }
      entry.id.name = query.getColumn(1).getString();
      entry.set_at = time_of(query.getColumn(2).getInt64());
      entries.push_back(std::move(entry));
    }
    return entries;
  });
}

Result<bool> SqliteSecretStore::remove(const SecretId& id) {
  return database_.guarded("remove the secret " + id.name, [&]() -> Result<bool> {
    SQLite::Statement statement(database_.handle(),
                                "DELETE FROM secrets WHERE repository = ? AND name = ?");
    SQLite::bind(statement, column_of(id.repository), id.name);
    return statement.exec() > 0;
  });
}

}  // namespace

Result<std::unique_ptr<SecretStore>> open_sqlite_secret_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteSecretStore>(std::move(database));
}

}  // namespace pipeline::store
