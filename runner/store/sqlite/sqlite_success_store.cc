#include "runner/store/sqlite/sqlite_success_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;

class SqliteSuccessStore final : public SuccessStore {
 public:
  explicit SqliteSuccessStore(Database database) : database_(std::move(database)) {}

  Result<std::vector<run::RunId>> unseen() override {
    return database_.guarded("find what has succeeded", [&]() -> Result<std::vector<run::RunId>> {
      SQLite::Statement query(database_.handle(),
                              "SELECT id FROM runs WHERE followed = 0 AND status = 'succeeded'"
                              " ORDER BY id");
      std::vector<run::RunId> runs;
      while (query.executeStep())
        runs.push_back(static_cast<run::RunId>(query.getColumn(0).getInt64()));
      return runs;
    });
  }

  Result<> saw(run::RunId run) override {
    return database_.guarded("note what a success has started", [&]() -> Result<> {
      SQLite::Statement update(database_.handle(), "UPDATE runs SET followed = 1 WHERE id = ?");
      update.bind(1, number(run));
      update.exec();
      return {};
    });
  }

 private:
  Database database_;
};

}  // namespace

Result<std::unique_ptr<SuccessStore>> open_sqlite_success_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteSuccessStore>(std::move(database));
}

}  // namespace pipeline::store
