#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "runner/store/sqlite/schema.h"
#include "runner/store/sqlite/sqlite_database_keeper.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

constexpr const char* kRow =
    "INSERT INTO tokens (name, digest, scopes, created_at) VALUES ('ann', x'01', 'read', 0)";

class Keeper : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(open_sqlite_run_store(paths_)); }
  int tokens_in(const std::filesystem::path& file) const {
    return SQLite::Database(file).execAndGet("SELECT count(*) FROM tokens").getInt();
  }

  support::TemporaryDirectory directory_;
  Paths paths_{directory_.path()};
  std::filesystem::path copy_ = directory_.path() / "copy";
  std::unique_ptr<DatabaseKeeper> keeper_ = make_sqlite_database_keeper(paths_);
};

TEST_F(Keeper, CopiesWhatWasCommittedWithoutWaitingForAWriter) {
  SQLite::Database writer(paths_.database(), SQLite::OPEN_READWRITE);
  SQLite::Transaction transaction(writer, SQLite::TransactionBehavior::IMMEDIATE);
  writer.exec(kRow);
  const auto schema = keeper_->copy_to(copy_);
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_EQ(*schema, static_cast<int>(schema_steps().size()));
  transaction.commit();
  EXPECT_EQ(tokens_in(copy_), 0);
  const auto later = directory_.path() / "later";
  ASSERT_TRUE(keeper_->copy_to(later));
  EXPECT_EQ(tokens_in(later), 1) << "also what is in the log of the database only";
}

TEST_F(Keeper, TellsTheSchemaAndLeavesIt) {
  EXPECT_EQ(keeper_->present_schema().value(), keeper_->newest_schema());
  SQLite::Database(paths_.database(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 1");
  EXPECT_EQ(keeper_->present_schema().value(), 1);
  EXPECT_EQ(keeper_->present_schema().value(), 1) << "it only looked";
  const auto none = make_sqlite_database_keeper(Paths(directory_.path() / "none"));
  EXPECT_EQ(none->present_schema().value(), std::nullopt);
}

// As the version before this one left it.
void make_older(const Paths& paths) {
  std::filesystem::remove(paths.database().string() + "-wal");
  std::filesystem::remove(paths.database());
  SQLite::Database older(paths.database(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const auto steps = schema_steps();
  for (const char* step : steps.first(steps.size() - 1)) older.exec(step);
  older.exec("PRAGMA user_version = " + std::to_string(steps.size() - 1));
  older.exec(kRow);
}

std::size_t entries_of(const std::filesystem::path& directory) {
  const std::filesystem::directory_iterator begin(directory);
  return static_cast<std::size_t>(std::distance(begin, {}));
}

TEST_F(Keeper, TriesAnUpgradeOnACopy) {
  make_older(paths_);
  const std::size_t before = entries_of(directory_.path());
  const auto tried = keeper_->try_upgrade();
  ASSERT_TRUE(tried) << tried.error().to_string();
  EXPECT_EQ(keeper_->present_schema().value(), keeper_->newest_schema() - 1) << "it is as it was";
  EXPECT_EQ(entries_of(directory_.path()), before) << "nothing is left";
  // A step that fails is one that would.
  SQLite::Database(paths_.database(), SQLite::OPEN_READWRITE)
      .exec("PRAGMA user_version = " + std::to_string(keeper_->newest_schema() - 2));
  EXPECT_FALSE(keeper_->try_upgrade());
  EXPECT_EQ(entries_of(directory_.path()), before);
  EXPECT_EQ(tokens_in(paths_.database()), 1);
}

TEST_F(Keeper, ACopyIsNeverPutOverSomething) {
  directory_.write("copy", "mine");
  EXPECT_FALSE(keeper_->copy_to(copy_));
  EXPECT_EQ(directory_.read("copy"), "mine");
}

TEST_F(Keeper, LooksOverACopy) {
  ASSERT_TRUE(keeper_->copy_to(copy_));
  EXPECT_EQ(keeper_->look_over(copy_).value(), keeper_->newest_schema());
  SQLite::Database(copy_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 4711");
  const auto newer = keeper_->look_over(copy_);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().kind(), base::ErrorKind::unavailable);
  EXPECT_TRUE(newer.error().hint());
  directory_.write("copy", std::string(8192, 'x'));
  EXPECT_EQ(keeper_->look_over(copy_).error().kind(), base::ErrorKind::corrupt);
}

}  // namespace
}  // namespace pipeline::store
