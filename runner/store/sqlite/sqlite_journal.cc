#include "runner/store/sqlite/sqlite_journal.h"

#include <SQLiteCpp/VariadicBind.h>

#include "pipelines/rollout/journal_json.h"
#include "runner/store/fair_queue.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;
using deploy::EnvironmentKey;

std::filesystem::path queue_of(const Paths& paths, const EnvironmentKey& key) {
  return paths.environment(key.pipeline, key.environment) / "queue";
}

// Draws the next fencing number when it is first in the queue.
class Place final : public deploy::QueuePlace {
 public:
  Place(std::unique_ptr<FairQueue> queue, std::shared_ptr<Database> database, EnvironmentKey key)
      : queue_(std::move(queue)), database_(std::move(database)), key_(std::move(key)) {}

  Result<deploy::Turn> poll() override {
    if (fence_ != 0) return deploy::Turn{fence_, {}};
    PIPELINE_ASSIGN(const auto ahead, queue_->first_before_us());
    if (ahead) return deploy::Turn{std::nullopt, *ahead};
    PIPELINE_ASSIGN(fence_, draw());
    return deploy::Turn{fence_, {}};
  }

 private:
  Result<std::uint64_t> draw() {
    return database_->guarded("take the environment", [&]() -> Result<std::uint64_t> {
      SQLite::Statement next(
          database_->handle(),
          "INSERT INTO environments (pipeline, environment, fence) VALUES (?, ?, 1)"
          " ON CONFLICT DO UPDATE SET fence = fence + 1 RETURNING fence");
      SQLite::bind(next, key_.pipeline, key_.environment);
      next.executeStep();
      const auto fence = static_cast<std::uint64_t>(next.getColumn(0).getInt64());
      // The statement is a transaction of its own: it commits when it is stepped to its end.
      next.executeStep();
      return fence;
    });
  }

  std::unique_ptr<FairQueue> queue_;
  std::shared_ptr<Database> database_;
  EnvironmentKey key_;
  std::uint64_t fence_ = 0;
};

class SqliteJournal final : public deploy::Journal {
 public:
  SqliteJournal(Paths paths, Database database)
      : paths_(std::move(paths)), database_(std::make_shared<Database>(std::move(database))) {}

  Result<std::unique_ptr<deploy::QueuePlace>> enqueue(const EnvironmentKey& key) override;
  Result<std::optional<std::string>> holder(const EnvironmentKey& key) override;
  Result<> append(const EnvironmentKey& key, std::uint64_t fence,
                  const rollout::Entry& entry) override;
  Result<std::vector<rollout::Entry>> read(const EnvironmentKey& key) override;
  Result<std::vector<EnvironmentKey>> environments() override;
  Result<std::uint64_t> newest() override;

 private:
  Result<> append_in_transaction(const EnvironmentKey& key, std::uint64_t fence,
                                 const rollout::Entry& entry);

  Paths paths_;
  std::shared_ptr<Database> database_;  // shared with the places, which may outlive the journal
};

Result<std::unique_ptr<deploy::QueuePlace>> SqliteJournal::enqueue(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(auto queue, FairQueue::join(queue_of(paths_, key)));
  return std::make_unique<Place>(std::move(queue), database_, key);
}

Result<std::optional<std::string>> SqliteJournal::holder(const EnvironmentKey& key) {
  return FairQueue::first(queue_of(paths_, key));
}

Result<> SqliteJournal::append(const EnvironmentKey& key, std::uint64_t fence,
                               const rollout::Entry& entry) {
  return database_->guarded("save a step of the deployment to " + key.environment,
                            [&] { return append_in_transaction(key, fence, entry); });
}

Result<> SqliteJournal::append_in_transaction(const EnvironmentKey& key, std::uint64_t fence,
                                              const rollout::Entry& entry) {
  SQLite::Transaction transaction(database_->handle(), SQLite::TransactionBehavior::IMMEDIATE);
  SQLite::Statement current(
      database_->handle(), "SELECT fence FROM environments WHERE pipeline = ? AND environment = ?");
  SQLite::bind(current, key.pipeline, key.environment);
  if (!current.executeStep() ||
      static_cast<std::uint64_t>(current.getColumn(0).getInt64()) != fence) {
    return base::fail(ErrorKind::conflict,
                      "another process has taken " + key.environment + " over");
  }
  const std::string body = rollout::to_json(entry);
  SQLite::Statement last(database_->handle(),
                         // By what the index is made for, twice.
                         "SELECT body FROM journal WHERE id = (SELECT max(last) FROM"
                         " (SELECT max(id) AS last FROM journal WHERE pipeline = ?1 AND"
                         " environment = ?2 AND checkpoint = 0 UNION ALL"
                         " SELECT max(id) AS last FROM journal WHERE pipeline = ?1 AND"
                         " environment = ?2 AND checkpoint = 1))");
  SQLite::bind(last, key.pipeline, key.environment);
  if (last.executeStep() && last.getColumn(0).getString() == body) return {};
  SQLite::Statement insert(database_->handle(),
                           "INSERT INTO journal (pipeline, environment, fence, checkpoint, body)"
                           " VALUES (?, ?, ?, ?, ?)");
  const bool checkpoint = std::holds_alternative<rollout::Checkpoint>(entry.body);
  SQLite::bind(insert, key.pipeline, key.environment, static_cast<std::int64_t>(fence),
               checkpoint ? 1 : 0, body);
  insert.exec();
  transaction.commit();
  return {};
}

Result<std::vector<rollout::Entry>> SqliteJournal::read(const EnvironmentKey& key) {
  const std::string attempt = "read the deployment journal of " + key.environment;
  return database_->guarded(attempt, [&]() -> Result<std::vector<rollout::Entry>> {
    SQLite::Statement query(
        database_->handle(),
        "SELECT body FROM journal WHERE pipeline = ?1 AND environment = ?2 AND id >= "
        "(SELECT coalesce(max(id), 0) FROM journal WHERE pipeline = ?1 AND environment = ?2"
        " AND checkpoint = 1) ORDER BY id");
    SQLite::bind(query, key.pipeline, key.environment);
    std::vector<rollout::Entry> entries;
    while (query.executeStep()) {
      auto entry = rollout::entry_from_json(query.getColumn(0).getString());
      if (!entry) return base::during(std::move(entry), attempt);
      entries.push_back(*std::move(entry));
    }
    return entries;
  });
}

Result<std::vector<EnvironmentKey>> SqliteJournal::environments() {
  return database_->guarded("list the environments", [&]() -> Result<std::vector<EnvironmentKey>> {
    SQLite::Statement query(
        database_->handle(),
        "SELECT DISTINCT pipeline, environment FROM journal ORDER BY pipeline, environment");
    std::vector<EnvironmentKey> keys;
    while (query.executeStep()) {
      keys.push_back({query.getColumn(0).getString(), query.getColumn(1).getString()});
    }
    return keys;
  });
}

Result<std::uint64_t> SqliteJournal::newest() {
  return database_->guarded("look at the deployment journal", [&]() -> Result<std::uint64_t> {
    SQLite::Statement query(database_->handle(), "SELECT IFNULL(MAX(id), 0) FROM journal");
    query.executeStep();
    return static_cast<std::uint64_t>(query.getColumn(0).getInt64());
  });
}

}  // namespace

Result<std::unique_ptr<deploy::Journal>> open_sqlite_journal(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteJournal>(paths, std::move(database));
}

}  // namespace pipeline::store
