#include "runner/store/sqlite/sqlite_group_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/people_rows.h"

namespace pipeline::store {

namespace {

using access::Subject;
using base::ErrorKind;
using base::Result;

class SqliteGroupStore final : public GroupStore {
 public:
  explicit SqliteGroupStore(Database database) : database_(std::move(database)) {}

  Result<> add(const std::string& name, base::TimePoint now) override {
    return database_.guarded("save the group " + name, [&]() -> Result<> {
      if (execute("INSERT INTO user_groups (name, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                  name, micros(now)) == 1)
        return {};
      return base::fail(ErrorKind::already_exists, "there is a group \"" + name + "\" already");
    });
  }

  Result<std::vector<GroupEntry>> list() override {
    return database_.guarded("list the groups", [&]() -> Result<std::vector<GroupEntry>> {
      SQLite::Statement query(database_.handle(),
                              "SELECT DISTINCT name, added_at, user FROM user_groups"
                              " LEFT JOIN members ON user_group = name ORDER BY name, user");
      std::vector<GroupEntry> entries;
      while (query.executeStep()) {
        const std::string name = query.getColumn(0).getString();
        if (entries.empty() || entries.back().name != name)
          entries.push_back({.name = name, .added_at = time_of(query.getColumn(1).getInt64())});
        if (!query.isColumnNull(2))
          entries.back().members.push_back(query.getColumn(2).getString());
      }
      return entries;
    });
  }

  Result<bool> remove(const std::string& name) override {
    return database_.guarded("remove the group " + name, [&]() -> Result<bool> {
      return execute("DELETE FROM user_groups WHERE name = ?", name) > 0;
    });
  }

  Result<> add_member(const std::string& group, const std::string& user) override {
    return database_.guarded("add to the group " + group, [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      PIPELINE_TRY(expect_row(database_.handle(), {Subject::Kind::group, group}));
      PIPELINE_TRY(expect_row(database_.handle(), {Subject::Kind::user, user}));
      insert_member(group, user, ByLogin::no);
      transaction.commit();
      return {};
    });
  }

  Result<bool> remove_member(const std::string& group, const std::string& user) override {
    return database_.guarded("remove from the group " + group, [&]() -> Result<bool> {
      return execute("DELETE FROM members WHERE user_group = ? AND user = ?", group, user) > 0;
    });
  }

  Result<> set_by_login(const std::string& user, const std::vector<std::string>& groups) override {
    return database_.guarded("save the groups of " + user, [&]() -> Result<> {
      SQLite::Transaction transaction(database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
      PIPELINE_TRY(expect_row(database_.handle(), {Subject::Kind::user, user}));
      execute("DELETE FROM members WHERE user = ? AND by_login = 1", user);
      for (const std::string& group : groups)
        if (expect_row(database_.handle(), {Subject::Kind::group, group}))
          insert_member(group, user, ByLogin::yes);
      transaction.commit();
      return {};
    });
  }

  Result<std::vector<std::string>> groups_of(const std::string& user) override {
    return database_.guarded("look up groups", [&]() -> Result<std::vector<std::string>> {
      SQLite::Statement query(
          database_.handle(),
          "SELECT DISTINCT user_group FROM members WHERE user = ? ORDER BY user_group");
      SQLite::bind(query, user);
      std::vector<std::string> groups;
      while (query.executeStep()) groups.push_back(query.getColumn(0).getString());
      return groups;
    });
  }

 private:
  enum class ByLogin { no, yes };

  void insert_member(const std::string& group, const std::string& user, ByLogin by_login) {
    execute(
        "INSERT INTO members (user_group, user, by_login) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        group, user, by_login == ByLogin::yes ? 1 : 0);
  }

  template <class... Values>
  int execute(const char* text, const Values&... values) {
    SQLite::Statement statement(database_.handle(), text);
    SQLite::bind(statement, values...);
    return statement.exec();
  }

  Database database_;
};

}  // namespace

Result<std::unique_ptr<GroupStore>> open_sqlite_group_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteGroupStore>(std::move(database));
}

}  // namespace pipeline::store
