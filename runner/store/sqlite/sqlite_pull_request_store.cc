#include "runner/store/sqlite/sqlite_pull_request_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/repository_rows.h"

namespace pipeline::store {

namespace {

using base::Result;

class SqlitePullRequestStore final : public PullRequestStore {
 public:
  explicit SqlitePullRequestStore(Database database) : database_(std::move(database)) {}

  Result<> note(const PullRequestEntry& entry) override {
    return database_.guarded("save a pull request of " + entry.repository, [&]() -> Result<> {
      SQLite::Statement insert(
          database_.handle(),
          "INSERT INTO pull_requests (repository, number, target, from_fork, open)"
          " VALUES (?, ?, ?, ?, ?) ON CONFLICT (repository, number) DO UPDATE SET"
          " target = excluded.target, from_fork = excluded.from_fork, open = excluded.open");
      SQLite::bind(insert, entry.repository, number(entry.number), entry.target,
                   entry.from_fork ? 1 : 0, entry.is_open ? 1 : 0);
      insert.exec();
      return {};
    });
  }

  Result<> saw(const std::string& repository, std::uint64_t number,
               const std::string& head) override {
    return database_.guarded("save a pull request of " + repository, [&]() -> Result<> {
      SQLite::Statement update(
          database_.handle(),
          "UPDATE pull_requests SET seen = ? WHERE repository = ? AND number = ?");
      SQLite::bind(update, head, repository, store::number(number));
      update.exec();
      return {};
    });
  }

  Result<> waits(const std::string& repository, std::uint64_t number,
                 const std::string& head) override {
    return database_.guarded("save a pull request of " + repository, [&]() -> Result<> {
      SQLite::Statement update(
          database_.handle(),
          "UPDATE pull_requests SET waiting = ? WHERE repository = ? AND number = ?");
      SQLite::bind(update, head, repository, store::number(number));
      update.exec();
      return {};
    });
  }

  // A head that is turned away has had its runs: none.
  Result<bool> decide(const std::string& repository, std::uint64_t number, const std::string& head,
                      Word word) override {
    return database_.guarded("save a pull request of " + repository, [&]() -> Result<bool> {
      const std::string column = word == Word::yes ? "approved" : "seen";
      SQLite::Statement update(database_.handle(),
                               "UPDATE pull_requests SET waiting = '', " + column +
                                   " = ?1 WHERE repository = ?2 AND number = ?3 AND waiting = ?1"
                                   " AND waiting <> '' AND open = 1");
      SQLite::bind(update, head, repository, store::number(number));
      return update.exec() > 0;
    });
  }

  Result<std::vector<PullRequestEntry>> open_ones(const std::string& repository) override {
    return database_.guarded(
        "list the pull requests of " + repository, [&]() -> Result<std::vector<PullRequestEntry>> {
          SQLite::Statement query(database_.handle(),
                                  "SELECT number, target, from_fork, seen, waiting, approved"
                                  " FROM pull_requests"
                                  " WHERE repository = ? AND open = 1 ORDER BY number");
          SQLite::bind(query, repository);
          std::vector<PullRequestEntry> entries;
          while (query.executeStep())
            entries.push_back({.repository = repository,
                               .number = static_cast<std::uint64_t>(query.getColumn(0).getInt64()),
                               .target = query.getColumn(1).getString(),
                               .from_fork = query.getColumn(2).getInt() != 0,
                               .is_open = true,
                               .seen = query.getColumn(3).getString(),
                               .waiting = query.getColumn(4).getString(),
                               .approved = query.getColumn(5).getString()});
          return entries;
        });
  }

  Result<> note_merge(const std::string& repository, const std::string& merge,
                      const std::string& head) override {
    return database_.guarded("save a merge of " + repository, [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO merges (repository, merge_id, head) VALUES (?, ?, ?)"
                               " ON CONFLICT DO UPDATE SET head = excluded.head");
      SQLite::bind(insert, repository, merge, head);
      insert.exec();
      return {};
    });
  }

  Result<std::optional<std::string>> head_of(const std::string& repository,
                                             const std::string& merge) override {
    return database_.guarded(
        "find a merge of " + repository, [&]() -> Result<std::optional<std::string>> {
          SQLite::Statement query(database_.handle(),
                                  "SELECT head FROM merges WHERE repository = ? AND merge_id = ?");
          SQLite::bind(query, repository, merge);
          if (!query.executeStep()) return std::optional<std::string>();
          return std::optional(query.getColumn(0).getString());
        });
  }

  Result<> forget(const std::string& repository) override {
    PIPELINE_TRY(forget_rows(database_, "merges", "merges", repository));
    return forget_rows(database_, "pull_requests", "pull requests", repository);
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<PullRequestStore>> open_sqlite_pull_request_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqlitePullRequestStore>(std::move(database));
}

}  // namespace pipeline::store
