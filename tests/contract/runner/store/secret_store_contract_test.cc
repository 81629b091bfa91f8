// What every SecretStore promises, held against each implementation.
#include "runner/store/secret_store.h"

#include <gtest/gtest.h>

#include <functional>
#include <latch>
#include <thread>

#include "runner/store/sqlite/sqlite_secret_store.h"
#include "tests/support/store/memory_secret_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

class Storage {
 public:
  virtual ~Storage() = default;
  virtual std::unique_ptr<SecretStore> open() = 0;
};

class SqliteStorage final : public Storage {
 public:
  std::unique_ptr<SecretStore> open() override {
    auto opened = open_sqlite_secret_store(Paths(directory_.path()));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return *std::move(opened);
  }

 private:
  support::TemporaryDirectory directory_;
};

class MemoryStorage final : public Storage {
 public:
  std::unique_ptr<SecretStore> open() override {
    return std::make_unique<support::MemorySecretStore>(secrets_);
  }

 private:
  support::MemorySecrets secrets_;
};

struct Implementation {
  const char* name;
  std::function<std::unique_ptr<Storage>()> make;
};

SecretEntry entry(const std::string& name, std::optional<std::string> repository, int seconds = 1) {
  return {{std::move(repository), name}, base::TimePoint(std::chrono::seconds(seconds))};
}

class SecretStoreContract : public testing::TestWithParam<Implementation> {
 protected:
  std::unique_ptr<Storage> storage_ = GetParam().make();
  std::unique_ptr<SecretStore> store_ = storage_->open();
};

TEST_P(SecretStoreContract, GivesBackTheBytesThatWerePutAlsoToAnotherObject) {
  std::string bytes("\0\x01\xff\n", 4);
  bytes.append(70'000, '\0');
  ASSERT_TRUE(store_->put(entry("TOKEN", "/srv/shop"), bytes));
  EXPECT_EQ(*storage_->open()->find({"/srv/shop", "TOKEN"}), bytes);
}

TEST_P(SecretStoreContract, KnowsASecretByRepositoryAndName) {
  ASSERT_TRUE(store_->put(entry("TOKEN", "/srv/shop"), "own"));
  ASSERT_TRUE(store_->put(entry("TOKEN", std::nullopt), "all"));
  ASSERT_TRUE(store_->put(entry("TOKEN", "/srv/other"), "other"));
  EXPECT_EQ(*store_->find({"/srv/shop", "TOKEN"}), "own");
  EXPECT_EQ(*store_->find({std::nullopt, "TOKEN"}), "all");
  EXPECT_EQ(*store_->find({"/srv/shop", "token"}), std::nullopt);
  EXPECT_EQ(*store_->find({"/srv/sho", "TOKEN"}), std::nullopt);
}

TEST_P(SecretStoreContract, TheLastOnePutCounts) {
  ASSERT_TRUE(store_->put(entry("TOKEN", "/srv/shop", 1), "first"));
  ASSERT_TRUE(store_->put(entry("TOKEN", "/srv/shop", 2), "second"));
  EXPECT_EQ(*store_->find({"/srv/shop", "TOKEN"}), "second");
  EXPECT_EQ(*store_->list(), (std::vector{entry("TOKEN", "/srv/shop", 2)}));
}

TEST_P(SecretStoreContract, ListsThoseOfAllRepositoriesFirst) {
  EXPECT_TRUE(store_->list()->empty());
  for (const auto& one : {entry("B", "/b"), entry("A", "/b"), entry("Z", "/a"),
                          entry("Z", std::nullopt), entry("C", std::nullopt)}) {
    ASSERT_TRUE(store_->put(one, "bytes"));
  }
  EXPECT_EQ(*store_->list(), (std::vector{entry("C", std::nullopt), entry("Z", std::nullopt),
                                          entry("Z", "/a"), entry("A", "/b"), entry("B", "/b")}));
}

TEST_P(SecretStoreContract, RemovesOneAndSaysWhetherItWasThere) {
  ASSERT_TRUE(store_->put(entry("TOKEN", "/srv/shop"), "own"));
  ASSERT_TRUE(store_->put(entry("TOKEN", std::nullopt), "all"));
  EXPECT_EQ(store_->remove({"/srv/shop", "TOKEN"}), true);
  EXPECT_EQ(store_->remove({"/srv/shop", "TOKEN"}), false);
  EXPECT_EQ(*store_->find({"/srv/shop", "TOKEN"}), std::nullopt);
  EXPECT_EQ(*store_->find({std::nullopt, "TOKEN"}), "all");
}

INSTANTIATE_TEST_SUITE_P(
    Stores, SecretStoreContract,
    testing::Values(Implementation{"sqlite", [] { return std::make_unique<SqliteStorage>(); }},
                    Implementation{"memory", [] { return std::make_unique<MemoryStorage>(); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(SqliteSecretStore, WritersAtOnceLoseNothing) {
  SqliteStorage storage;
  constexpr int kWriters = 4;
  constexpr int kEach = 25;
  std::latch start(kWriters);
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      start.arrive_and_wait();
      const auto store = storage.open();
      for (int i = 0; i < kEach; ++i) {
        const std::string name = "S" + std::to_string(writer) + "_" + std::to_string(i);
        EXPECT_TRUE(store->put(entry(name, "/srv/shop"), name));
        EXPECT_TRUE(store->put(entry("SHARED", "/srv/shop"), name));
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(storage.open()->list()->size(), kWriters * kEach + 1U);
}

}  // namespace
}  // namespace pipeline::store
