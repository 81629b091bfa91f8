#include "runner/store/sqlite/sqlite_audit_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;

AuditEntry entry_of(SQLite::Statement& row) {
  return {.number = static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
          .at = time_of(row.getColumn(1).getInt64()),
          .who = row.getColumn(2).getString(),
          .peer = row.getColumn(3).getString(),
          .action = row.getColumn(4).getString(),
          .detail = row.getColumn(5).getString(),
          .status = row.getColumn(6).getUInt()};
}

class SqliteAuditStore final : public AuditStore {
 public:
  explicit SqliteAuditStore(Database database) : database_(std::move(database)) {}

  Result<> add(const AuditEntry& entry) override {
    return database_.guarded("add to the audit log", [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO audit (at, who, peer, action, detail, status)"
                               " VALUES (?, ?, ?, ?, ?, ?)");
      SQLite::bind(insert, micros(entry.at), entry.who, entry.peer, entry.action, entry.detail,
                   entry.status);
      insert.exec();
      return {};
    });
  }

  Result<std::vector<AuditEntry>> list(std::uint64_t after, std::size_t limit) override {
    return database_.guarded("read the audit log", [&]() -> Result<std::vector<AuditEntry>> {
      SQLite::Statement query(database_.handle(),
                              "SELECT number, at, who, peer, action, detail, status FROM audit"
                              " WHERE number > ? ORDER BY number LIMIT ?");
      SQLite::bind(query, number(after), number(limit));
      std::vector<AuditEntry> entries;
      while (query.executeStep()) entries.push_back(entry_of(query));
      return entries;
    });
  }

  Result<std::uint64_t> newest() override {
    return database_.guarded("read the audit log", [&]() -> Result<std::uint64_t> {
      SQLite::Statement query(database_.handle(), "SELECT IFNULL(MAX(number), 0) FROM audit");
      query.executeStep();
      return static_cast<std::uint64_t>(query.getColumn(0).getInt64());
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<AuditStore>> open_sqlite_audit_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteAuditStore>(std::move(database));
}

}  // namespace pipeline::store
