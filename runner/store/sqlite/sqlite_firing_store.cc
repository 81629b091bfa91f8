#include "runner/store/sqlite/sqlite_firing_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/repository_rows.h"

namespace pipeline::store {

namespace {

using base::Result;
using base::TimePoint;

class SqliteFiringStore final : public FiringStore {
 public:
  explicit SqliteFiringStore(Database database) : database_(std::move(database)) {}

  Result<std::optional<TimePoint>> last(const ScheduleKey& key) override {
    return database_.guarded("look up a schedule", [&]() -> Result<std::optional<TimePoint>> {
      SQLite::Statement query(database_.handle(),
                              "SELECT last FROM firings"
                              " WHERE repository = ? AND pipeline = ? AND schedule = ?");
      SQLite::bind(query, key.repository, key.pipeline_file, key.schedule);
      if (!query.executeStep()) return std::optional<TimePoint>();
      return std::optional(time_of(query.getColumn(0).getInt64()));
    });
  }

  Result<> note(const ScheduleKey& key, TimePoint last) override {
    return database_.guarded("note a firing of " + key.schedule, [&]() -> Result<> {
      SQLite::Statement upsert(database_.handle(),
                               "INSERT INTO firings (repository, pipeline, schedule, last)"
                               " VALUES (?, ?, ?, ?)"
                               " ON CONFLICT DO UPDATE SET last = excluded.last");
      SQLite::bind(upsert, key.repository, key.pipeline_file, key.schedule, micros(last));
      upsert.exec();
      return {};
    });
  }

  Result<> forget(const std::string& repository) override {
    return forget_rows(database_, "firings", "schedules", repository);
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<FiringStore>> open_sqlite_firing_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteFiringStore>(std::move(database));
}

}  // namespace pipeline::store
