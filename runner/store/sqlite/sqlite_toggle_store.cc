#include "runner/store/sqlite/sqlite_toggle_store.h"

#include <SQLiteCpp/VariadicBind.h>

#include "runner/store/sqlite/columns.h"
#include "runner/store/sqlite/database.h"

namespace pipeline::store {

namespace {

using base::Result;
using deploy::EnvironmentKey;
using toggle::Setting;

constexpr const char* kNewestOfEach =
    "SELECT flag, value, who, at FROM toggle_changes WHERE number IN"
    " (SELECT MAX(number) FROM toggle_changes WHERE pipeline = ? AND environment = ? GROUP BY flag)"
    " AND value IS NOT NULL";

class SqliteToggleStore final : public ToggleStore {
 public:
  explicit SqliteToggleStore(Database database) : database_(std::move(database)) {}

  Result<std::optional<Setting>> change(const EnvironmentKey& key,
                                        const ToggleChange& change) override {
    return database_.guarded("set the toggle " + change.flag,
                             [&]() -> Result<std::optional<Setting>> {
                               SQLite::Transaction transaction(
                                   database_.handle(), SQLite::TransactionBehavior::IMMEDIATE);
                               auto before = setting_of(key, change.flag);
                               insert(key, change);
                               transaction.commit();
                               return before;
                             });
  }

  Result<toggle::Settings> settings(const EnvironmentKey& key) override {
    return database_.guarded("read the settings of toggles", [&]() -> Result<toggle::Settings> {
      SQLite::Statement query(database_.handle(), kNewestOfEach);
      SQLite::bind(query, key.pipeline, key.environment);
      toggle::Settings settings;
      while (query.executeStep())
        settings[query.getColumn(0).getString()] = {.value = query.getColumn(1).getString(),
                                                    .by = query.getColumn(2).getString(),
                                                    .at = time_of(query.getColumn(3).getInt64())};
      return settings;
    });
  }

  Result<std::vector<ToggleChange>> history(const EnvironmentKey& key, const std::string& flag,
                                            std::size_t limit) override {
    return database_.guarded(
        "read the changes of the toggle " + flag, [&]() -> Result<std::vector<ToggleChange>> {
          SQLite::Statement query(database_.handle(),
                                  "SELECT number, flag, value, who, at FROM toggle_changes WHERE"
                                  " pipeline = ? AND environment = ? AND flag = ?"
                                  " ORDER BY number DESC LIMIT ?");
          SQLite::bind(query, key.pipeline, key.environment, flag, number(limit));
          std::vector<ToggleChange> changes;
          while (query.executeStep()) changes.push_back(change_of(query));
          return changes;
        });
  }

  Result<std::uint64_t> newest() override {
    return database_.guarded("read the changes of toggles", [&]() -> Result<std::uint64_t> {
      SQLite::Statement query(database_.handle(),
                              "SELECT IFNULL(MAX(number), 0) FROM toggle_changes");
      query.executeStep();
      return static_cast<std::uint64_t>(query.getColumn(0).getInt64());
    });
  }

  Result<> keep_file(const EnvironmentKey& key, const FlagFile& file) override {
    return database_.guarded("keep a flag file", [&]() -> Result<> {
      SQLite::Statement insert(database_.handle(),
                               "INSERT OR REPLACE INTO flag_files"
                               " (pipeline, environment, release, text) VALUES (?, ?, ?, ?)");
      SQLite::bind(insert, key.pipeline, key.environment, number(file.release), file.text);
      insert.exec();
      return {};
    });
  }

  Result<std::optional<FlagFile>> file(const EnvironmentKey& key) override {
    return database_.guarded("read a flag file", [&]() -> Result<std::optional<FlagFile>> {
      SQLite::Statement query(
          database_.handle(),
          "SELECT release, text FROM flag_files WHERE pipeline = ? AND environment = ?");
      SQLite::bind(query, key.pipeline, key.environment);
      if (!query.executeStep()) return std::optional<FlagFile>();
      return std::optional(
          FlagFile{.release = static_cast<std::uint64_t>(query.getColumn(0).getInt64()),
                   .text = query.getColumn(1).getString()});
    });
  }

 private:
  static std::optional<std::string> optional_text(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getString());
  }
  static ToggleChange change_of(SQLite::Statement& row) {
    return {.number = static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
            .flag = row.getColumn(1).getString(),
            .value = optional_text(row.getColumn(2)),
            .by = row.getColumn(3).getString(),
            .at = time_of(row.getColumn(4).getInt64())};
  }

  std::optional<Setting> setting_of(const EnvironmentKey& key, const std::string& flag) {
    SQLite::Statement query(database_.handle(),
                            "SELECT value, who, at FROM toggle_changes WHERE pipeline = ? AND"
                            " environment = ? AND flag = ? ORDER BY number DESC LIMIT 1");
    SQLite::bind(query, key.pipeline, key.environment, flag);
    if (!query.executeStep() || query.getColumn(0).isNull()) return std::nullopt;
    return Setting{.value = query.getColumn(0).getString(),
                   .by = query.getColumn(1).getString(),
                   .at = time_of(query.getColumn(2).getInt64())};
  }

  void insert(const EnvironmentKey& key, const ToggleChange& change) {
    SQLite::Statement statement(database_.handle(),
                                "INSERT INTO toggle_changes"
                                " (pipeline, environment, flag, who, at, value)"
                                " VALUES (?, ?, ?, ?, ?, ?)");
    SQLite::bind(statement, key.pipeline, key.environment, change.flag, change.by,
                 micros(change.at));
    constexpr int kValue = 6;
    bind_optional(statement, kValue, change.value);
    statement.exec();
  }

  Database database_;
};

}  // namespace

Result<std::unique_ptr<ToggleStore>> open_sqlite_toggle_store(const Paths& paths) {
  PIPELINE_ASSIGN(Database database, Database::open(paths, Durability::power));
  return std::make_unique<SqliteToggleStore>(std::move(database));
}

}  // namespace pipeline::store
