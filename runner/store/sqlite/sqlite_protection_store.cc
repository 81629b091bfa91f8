#include "runner/store/sqlite/sqlite_protection_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

Result<Protection> protection_of(SQLite::Statement& row) {
  Protection protection{.repository = row.getColumn(0).getString(),
                        .branches = row.getColumn(1).getString(),
                        .waits_for_pipeline = row.getColumn(2).getInt() != 0,
                        .allows_force = row.getColumn(3).getInt() != 0};
  const std::string word = row.getColumn(4).getString();
  const auto role = access::role_of(word);
  if (!role) return base::fail(ErrorKind::corrupt, "a stored role is none: " + word);
  protection.role = *role;
  return protection;
}

WaitingPush push_of(SQLite::Statement& row) {
  return {.number = static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
          .repository = row.getColumn(1).getString(),
          .branch = row.getColumn(2).getString(),
          .before = row.getColumn(3).getString(),
          .commit = row.getColumn(4).getString(),
          .who = row.getColumn(5).getString(),
          .at = time_of(row.getColumn(6).getInt64())};
}

class SqliteProtectionStore final : public ProtectionStore {
 public:
  explicit SqliteProtectionStore(Database database) : database_(std::move(database)) {}

  Result<> set(const Protection& protection) override {
    return database_.guarded("protect a branch", [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO protections"
                               " (repository, branches, waits_for_pipeline, allows_force, role)"
                               " VALUES (?1, ?2, ?3, ?4, ?5)"
                               " ON CONFLICT (repository, branches) DO UPDATE SET"
                               " waits_for_pipeline = ?3, allows_force = ?4, role = ?5");
      SQLite::bind(insert, protection.repository, protection.branches,
                   protection.waits_for_pipeline ? 1 : 0, protection.allows_force ? 1 : 0,
                   std::string(to_string(protection.role)));
      insert.exec();
      return {};
    });
  }

  Result<std::vector<Protection>> list(const std::string& repository) override {
    return database_.guarded("list protected branches", [&]() -> Result<std::vector<Protection>> {
      SQLite::Statement query(
          database_.handle(),
          "SELECT repository, branches, waits_for_pipeline, allows_force, role FROM protections"
          " WHERE repository = ? ORDER BY branches");
      SQLite::bind(query, repository);
      std::vector<Protection> all;
      while (query.executeStep()) {
        PIPELINE_ASSIGN(Protection protection, protection_of(query));
        all.push_back(std::move(protection));
      }
      return all;
    });
  }

  Result<bool> remove(const std::string& repository, const std::string& branches) override {
    return database_.guarded("leave a branch unprotected", [&]() -> Result<bool> {
      SQLite::Statement statement(database_.handle(),
                                  "DELETE FROM protections WHERE repository = ? AND branches = ?");
      SQLite::bind(statement, repository, branches);
      return statement.exec() > 0;
    });
  }

  Result<std::uint64_t> wait(const WaitingPush& push) override {
    return database_.guarded("keep a push aside", [&]() -> Result<std::uint64_t> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO waiting_pushes"
                               " (repository, branch, before_id, commit_id, who, at)"
                               " VALUES (?, ?, ?, ?, ?, ?)"
                               " ON CONFLICT (repository, branch, commit_id) DO NOTHING");
      SQLite::bind(insert, push.repository, push.branch, push.before, push.commit, push.who,
                   micros(push.at));
      insert.exec();
      SQLite::Statement query(database_.handle(),
                              "SELECT number FROM waiting_pushes"
                              " WHERE repository = ? AND branch = ? AND commit_id = ?");
      SQLite::bind(query, push.repository, push.branch, push.commit);
      query.executeStep();
      const auto number = static_cast<std::uint64_t>(query.getColumn(0).getInt64());
      transaction.commit();
      return number;
    });
  }

  Result<std::vector<WaitingPush>> waiting() override {
    return database_.guarded("list waiting pushes", [&]() -> Result<std::vector<WaitingPush>> {
      SQLite::Statement query(
          database_.handle(),
          "SELECT number, repository, branch, before_id, commit_id, who, at FROM waiting_pushes"
          " ORDER BY number");
      std::vector<WaitingPush> all;
      while (query.executeStep()) all.push_back(push_of(query));
      return all;
    });
  }

  Result<> decided(std::uint64_t push) override {
    return database_.guarded("forget a waiting push", [&]() -> Result<> {
      SQLite::Statement statement(database_.handle(),
                                  "DELETE FROM waiting_pushes WHERE number = ?");
      statement.bind(1, number(push));
      statement.exec();
      return {};
    });
  }

  Result<> forget(const std::string& repository) override {
    return database_.guarded("forget the protections of " + repository, [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      for (const char* const text : {"DELETE FROM protections WHERE repository = ?",
                                     "DELETE FROM waiting_pushes WHERE repository = ?"}) {
        SQLite::Statement statement(database_.handle(), text);
        SQLite::bind(statement, repository);
        statement.exec();
      }
      transaction.commit();
      return {};
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<ProtectionStore>> open_sqlite_protection_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteProtectionStore>(std::move(database));
}

}  // namespace pipeline::store
