#include "runner/store/sqlite/sqlite_role_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/people_rows.h"

namespace pipeline::store {

namespace {

using access::Grant;
using access::Place;
using access::Subject;
using base::ErrorKind;
using base::Result;

// The columns user and user_group of a subject: one of them is empty.
struct SubjectColumns {
  std::optional<std::string> user;
  std::optional<std::string> group;

  explicit SubjectColumns(const Subject& subject) {
    (subject.kind == Subject::Kind::user ? user : group) = subject.name;
  }
};

Result<Grant> grant_of(SQLite::Statement& row, int first) {
  const std::string word = row.getColumn(first).getString();
  const auto role = access::role_of(word);
  if (!role) return base::fail(ErrorKind::corrupt, "a stored role is none: " + word);
  return Grant{*role, row.getColumn(first + 1).getString(), row.getColumn(first + 2).getString()};
}

class SqliteRoleStore final : public RoleStore {
 public:
  explicit SqliteRoleStore(Database database) : database_(std::move(database)) {}

  Result<> set(const RoleEntry& entry) override {
    return database_.guarded("save a role", [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      PIPELINE_TRY(expect_row(database_.handle(), entry.subject));
      SQLite::Statement insert(
          database_.handle(),
          "INSERT INTO roles (user, user_group, repository, environment, role, granted_at)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
          " ON CONFLICT (ifnull(user, ''), ifnull(user_group, ''), repository, environment)"
          " DO UPDATE SET role = ?5, granted_at = ?6");
      const SubjectColumns columns(entry.subject);
      bind_optional(insert, 1, columns.user);
      bind_optional(insert, 2, columns.group);
      insert.bind(3, entry.grant.repository);
      insert.bind(4, entry.grant.environment);
      insert.bind(5, std::string(access::to_string(entry.grant.role)));
      insert.bind(6, micros(entry.granted_at));
      insert.exec();
      transaction.commit();
      return {};
    });
  }

  Result<bool> remove(const Subject& subject, const Place& place) override {
    return database_.guarded("remove a role", [&]() -> Result<bool> {
      SQLite::Statement statement(database_.handle(),
                                  "DELETE FROM roles WHERE user IS ? AND user_group IS ?"
                                  " AND repository = ? AND environment = ?");
      const SubjectColumns columns(subject);
      bind_optional(statement, 1, columns.user);
      bind_optional(statement, 2, columns.group);
      statement.bind(3, place.repository);
      statement.bind(4, place.environment);
      return statement.exec() > 0;
    });
  }

  Result<std::vector<RoleEntry>> list() override {
    return database_.guarded("list the roles", [&]() -> Result<std::vector<RoleEntry>> {
      SQLite::Statement query(
          database_.handle(),
          "SELECT user, user_group, role, repository, environment, granted_at FROM roles"
          " ORDER BY user_group NULLS FIRST, user, repository, environment");
      std::vector<RoleEntry> entries;
      while (query.executeStep()) {
        RoleEntry entry{.subject = {}, .grant = {}, .granted_at = {}};
        const bool is_group = query.isColumnNull(0);
        entry.subject = {is_group ? Subject::Kind::group : Subject::Kind::user,
                         query.getColumn(is_group ? 1 : 0).getString()};
        PIPELINE_ASSIGN(entry.grant, grant_of(query, 2));
        entry.granted_at = time_of(query.getColumn(5).getInt64());
        entries.push_back(std::move(entry));
      }
      return entries;
    });
  }

  Result<std::vector<Grant>> grants_of(const std::string& user) override {
    return database_.guarded("look up roles", [&]() -> Result<std::vector<Grant>> {
      SQLite::Statement query(
          database_.handle(),
          "SELECT role, repository, environment FROM roles WHERE user = ?1 OR user_group IN"
          " (SELECT user_group FROM members WHERE user = ?1)");
      query.bind(1, user);
      std::vector<Grant> grants;
      while (query.executeStep()) {
        PIPELINE_ASSIGN(Grant grant, grant_of(query, 0));
        grants.push_back(std::move(grant));
      }
      return grants;
    });
  }

  Result<> forget(const std::string& repository) override {
    return database_.guarded("forget the roles in " + repository, [&]() -> Result<> {
      SQLite::Statement statement(database_.handle(), "DELETE FROM roles WHERE repository = ?");
      SQLite::bind(statement, repository);
      statement.exec();
      return {};
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<RoleStore>> open_sqlite_role_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteRoleStore>(std::move(database));
}

}  // namespace pipeline::store
