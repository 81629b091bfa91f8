#include "runner/store/sqlite/sqlite_token_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "pipelines/base/text.h"
#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/people_rows.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

constexpr const char* kColumns = "name, scopes, created_at, expires_at, user, is_session, labels";

TokenEntry entry_of(SQLite::Statement& row) {
  TokenEntry entry{.name = row.getColumn(0).getString(),
                   .scopes = base::split(row.getColumn(1).getString(), ' '),
                   .created_at = time_of(row.getColumn(2).getInt64())};
  if (!row.isColumnNull(3)) entry.expires_at = time_of(row.getColumn(3).getInt64());
  if (!row.isColumnNull(4)) entry.user = row.getColumn(4).getString();
  entry.is_session = row.getColumn(5).getInt() != 0;
  if (!row.isColumnNull(6)) entry.labels = base::split(row.getColumn(6).getString(), ' ');
  return entry;
}

class SqliteTokenStore final : public TokenStore {
 public:
  explicit SqliteTokenStore(Database database) : database_(std::move(database)) {}

  Result<> add(const TokenEntry& entry, const base::Digest& digest) override {
    return database_.guarded("save the token " + entry.name, [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      if (entry.user)
        PIPELINE_TRY(expect_row(database_.handle(), {access::Subject::Kind::user, *entry.user}));
      SQLite::Statement insert(
          database_.handle(),
          "INSERT INTO tokens (name, digest, scopes, created_at, expires_at, user, is_session, "
          "labels) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING");
      insert.bind(1, entry.name);
      bind_blob(insert, 2, bytes_of(digest));
      insert.bind(3, base::join(entry.scopes, " "));
      insert.bind(4, micros(entry.created_at));
      if (entry.expires_at) insert.bind(5, micros(*entry.expires_at));
      bind_optional(insert, 6, entry.user);
      insert.bind(7, entry.is_session ? 1 : 0);
      if (entry.labels) insert.bind(8, base::join(*entry.labels, " "));
      const bool is_new = insert.exec() == 1;
      transaction.commit();
      if (is_new) return {};
      return base::fail(ErrorKind::already_exists,
                        "there is a token \"" + entry.name + "\" already");
    });
  }

  Result<std::optional<TokenEntry>> find(const base::Digest& digest) override {
    return database_.guarded("look up a token", [&]() -> Result<std::optional<TokenEntry>> {
      SQLite::Statement query(database_.handle(),
                              std::string("SELECT ") + kColumns + " FROM tokens WHERE digest = ?");
      bind_blob(query, 1, bytes_of(digest));
      if (!query.executeStep()) return std::optional<TokenEntry>();
      return std::optional(entry_of(query));
    });
  }

  Result<std::vector<TokenEntry>> list() override {
    return database_.guarded("list the tokens", [&]() -> Result<std::vector<TokenEntry>> {
      SQLite::Statement query(database_.handle(),
                              std::string("SELECT ") + kColumns + " FROM tokens ORDER BY name");
      std::vector<TokenEntry> entries;
      while (query.executeStep()) entries.push_back(entry_of(query));
      return entries;
    });
  }

  Result<bool> remove(const std::string& name) override {
    return database_.guarded("remove the token " + name, [&]() -> Result<bool> {
      SQLite::Statement statement(database_.handle(), "DELETE FROM tokens WHERE name = ?");
      SQLite::bind(statement, name);
      return statement.exec() > 0;
    });
  }

  Result<> remove_ended_sessions(base::TimePoint now) override {
    return database_.guarded("forget ended sessions", [&]() -> Result<> {
      SQLite::Statement statement(database_.handle(),
                                  "DELETE FROM tokens WHERE is_session = 1 AND expires_at <= ?");
      SQLite::bind(statement, micros(now));
      statement.exec();
      return {};
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<TokenStore>> open_sqlite_token_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteTokenStore>(std::move(database));
}

}  // namespace pipeline::store
