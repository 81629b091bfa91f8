#include "runner/store/sqlite/sqlite_delivery_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"
#include "runner/store/sqlite/repository_rows.h"

namespace pipeline::store {

namespace {

using base::Result;

class SqliteDeliveryStore final : public DeliveryStore {
 public:
  explicit SqliteDeliveryStore(Database database) : database_(std::move(database)) {}

  Result<bool> has(const std::string& repository, const std::string& id) override {
    return database_.guarded("find the delivery " + id, [&]() -> Result<bool> {
      SQLite::Statement query(database_.handle(),
                              "SELECT 1 FROM deliveries WHERE repository = ? AND id = ?");
      SQLite::bind(query, repository, id);
      return query.executeStep();
    });
  }

  Result<bool> accept(const std::string& repository, const std::string& id,
                      base::TimePoint at) override {
    return database_.guarded("save the delivery " + id, [&]() -> Result<bool> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT INTO deliveries (repository, id, at) VALUES (?, ?, ?)"
                               " ON CONFLICT (repository, id) DO NOTHING");
      SQLite::bind(insert, repository, id, micros(at));
      return insert.exec() == 1;
    });
  }

  Result<> forget_before(base::TimePoint at) override {
    return database_.guarded("forget old deliveries", [&]() -> Result<> {
      SQLite::Statement statement(database_.handle(), "DELETE FROM deliveries WHERE at < ?");
      SQLite::bind(statement, micros(at));
      statement.exec();
      return {};
    });
  }

  Result<> forget(const std::string& repository) override {
    return forget_rows(database_, "deliveries", "deliveries", repository);
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<DeliveryStore>> open_sqlite_delivery_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteDeliveryStore>(std::move(database));
}

}  // namespace pipeline::store
