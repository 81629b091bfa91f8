// What every deploy::Journal promises, held against each implementation: one storage, several
// objects on it (as several processes would have), objects that come and go.
#include <gtest/gtest.h>

#include <functional>

#include "runner/store/sqlite/sqlite_journal.h"
#include "stages/deploy/journal.h"
#include "tests/contract/stages/deploy/remote_storage.h"
#include "tests/support/deploy/memory_journal.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::deploy {
namespace {

using base::ErrorKind;

class Storage {
 public:
  virtual ~Storage() = default;
  virtual std::unique_ptr<Journal> open() = 0;
};

class SqliteStorage final : public Storage {
 public:
  std::unique_ptr<Journal> open() override {
    auto opened = store::open_sqlite_journal(store::Paths(directory_.path()));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return *std::move(opened);
  }

 private:
  support::TemporaryDirectory directory_;
};

class MemoryStorage final : public Storage {
 public:
  std::unique_ptr<Journal> open() override {
    return std::make_unique<support::MemoryJournal>(disk_);
  }

 private:
  support::JournalDisk disk_;
};

class RemoteStorage final : public Storage {
 public:
  std::unique_ptr<Journal> open() override {
    return std::make_unique<support::DriversJournal>(server_);
  }

 private:
  support::ServerOfJournals server_;
};

struct Implementation {
  const char* name;
  std::function<std::unique_ptr<Storage>()> make;
  bool lists_all = true;  // environments; false: its own alone
};

const EnvironmentKey kShop{"shop", "production"};

rollout::Entry entry(std::int64_t at, rollout::EntryBody body) {
  return {.at = base::TimePoint(std::chrono::microseconds(at)), .body = std::move(body)};
}

rollout::Entry release_opened(std::uint64_t number) {
  rollout::Release release;
  release.number = number;
  release.artifact = "shop";
  release.environment.name = "production";
  release.environment.gates.push_back(
      {.gate = model::SmokeGate{.run = {"smoke \"$PREVIEW_URL\""}}, .span = {}});
  release.fleet = rollout::make_fleet(number, {8101, 8102});
  return entry(1, rollout::Opened{.release = release, .before = {}});
}

class JournalContract : public testing::TestWithParam<Implementation> {
 protected:
  std::unique_ptr<Storage> storage_ = GetParam().make();
  std::unique_ptr<Journal> journal_ = storage_->open();

  std::unique_ptr<QueuePlace> join(Journal& journal) {
    auto place = journal.enqueue(kShop);
    EXPECT_TRUE(place) << place.error().to_string();
    return *std::move(place);
  }
  static std::optional<std::uint64_t> fence(QueuePlace& place) {
    const auto turn = place.poll();
    EXPECT_TRUE(turn) << turn.error().to_string();
    return turn->fence;
  }
};

TEST_P(JournalContract, AnEmptyOneHasNothing) {
  EXPECT_TRUE(journal_->read(kShop)->empty());
  EXPECT_TRUE(journal_->environments()->empty());
  EXPECT_FALSE(*journal_->holder(kShop));
}

TEST_P(JournalContract, GivesBackWhatWasAppendedInOrderToEveryReader) {
  const auto place = join(*journal_);
  const auto number = fence(*place).value();
  ASSERT_TRUE(journal_->append(kShop, number, release_opened(1)));
  ASSERT_TRUE(
      journal_->append(kShop, number, entry(2, rollout::Planned{.steps = {rollout::Install{1}}})));
  ASSERT_TRUE(journal_->append(kShop, number, entry(3, rollout::Intent{.step = 0})));
  const auto entries = storage_->open()->read(kShop);
  ASSERT_TRUE(entries) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ(rollout::to_json(entries->front()), rollout::to_json(release_opened(1)));
  EXPECT_EQ(entries->back().at.time_since_epoch().count(), 3);
  EXPECT_TRUE(std::holds_alternative<rollout::Intent>(entries->back().body));
}

TEST_P(JournalContract, TakesAnEntryThatIsRepeatedOnce) {
  const auto place = join(*journal_);
  const auto number = fence(*place).value();
  for (int tries = 0; tries < 2; ++tries) {
    ASSERT_TRUE(journal_->append(kShop, number, release_opened(1)));
    ASSERT_TRUE(journal_->append(kShop, number, release_opened(1)));
    ASSERT_TRUE(journal_->append(kShop, number, entry(2, rollout::ShutDown{})));
    ASSERT_TRUE(journal_->append(kShop, number, entry(2, rollout::ShutDown{})));
  }
  EXPECT_EQ(journal_->read(kShop)->size(), 4U);
}

TEST_P(JournalContract, TellsWhenAnythingWasAppended) {
  EXPECT_EQ(*journal_->newest(), 0U);
  const auto place = join(*journal_);
  const auto number = fence(*place).value();
  ASSERT_TRUE(journal_->append(kShop, number, release_opened(1)));
  const auto one = *storage_->open()->newest();
  EXPECT_GT(one, 0U);
  EXPECT_EQ(*journal_->newest(), one);
  ASSERT_TRUE(journal_->append(kShop, number, entry(2, rollout::ShutDown{})));
  EXPECT_GT(*journal_->newest(), one);
}

TEST_P(JournalContract, ReadsFromTheLastCheckpointOn) {
  const auto place = join(*journal_);
  const auto number = fence(*place).value();
  ASSERT_TRUE(journal_->append(kShop, number, release_opened(1)));
  rollout::EnvironmentRecord record;
  record.last_release = 7;
  ASSERT_TRUE(journal_->append(kShop, number, entry(2, rollout::Checkpoint{.record = record})));
  ASSERT_TRUE(journal_->append(kShop, number, release_opened(8)));
  const auto entries = journal_->read(kShop);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(std::get<rollout::Checkpoint>(entries->front().body).record.last_release, 7U);
}

TEST_P(JournalContract, KeepsEnvironmentsApartAndListsThemSorted) {
  const EnvironmentKey staging{"shop", "staging"};
  const auto shop = join(*journal_);
  const auto other = *journal_->enqueue(staging);
  const auto turn = other->poll();
  ASSERT_TRUE(turn->fence);
  ASSERT_TRUE(journal_->append(staging, *turn->fence, release_opened(1)));
  ASSERT_TRUE(journal_->append(kShop, fence(*shop).value(), release_opened(2)));
  EXPECT_EQ(*journal_->environments(),
            GetParam().lists_all ? (std::vector{kShop, staging}) : std::vector{kShop});
  EXPECT_EQ(journal_->read(staging)->size(), 1U);
}

TEST_P(JournalContract, OneHoldsTheEnvironmentAndTheOthersWaitInTheOrderTheyCame) {
  const auto second_journal = storage_->open();
  auto first = join(*journal_);
  auto second = join(*second_journal);
  auto third = join(*journal_);
  ASSERT_TRUE(fence(*first));
  EXPECT_FALSE(fence(*third));
  EXPECT_FALSE(fence(*second));
  EXPECT_THAT(second->poll()->holder, testing::StartsWith("pid "));
  EXPECT_TRUE(journal_->holder(kShop)->has_value());

  first.reset();
  EXPECT_FALSE(fence(*third)) << "the third must not overtake the second";
  EXPECT_TRUE(fence(*second));
  second.reset();
  EXPECT_TRUE(fence(*third));
  third.reset();
  EXPECT_FALSE(*journal_->holder(kShop));
}

TEST_P(JournalContract, WhoeverGivesUpItsPlaceIsPassedOver) {
  auto first = join(*journal_);
  auto second = join(*journal_);
  auto third = join(*journal_);
  second.reset();
  first.reset();
  EXPECT_TRUE(fence(*third));
}

TEST_P(JournalContract, FencingNumbersGrowAndStayTheHoldersOwn) {
  auto first = join(*journal_);
  const auto one = fence(*first).value();
  EXPECT_EQ(fence(*first), one);
  first.reset();
  auto second = join(*journal_);
  EXPECT_GT(fence(*second).value(), one);
}

TEST_P(JournalContract, RefusesWhoeverIsNotTheLatestHolder) {
  auto first = join(*journal_);
  const auto stale = fence(*first).value();
  ASSERT_TRUE(journal_->append(kShop, stale, release_opened(1)));
  first.reset();
  auto second = join(*journal_);
  const auto current = fence(*second).value();
  const auto refused = journal_->append(kShop, stale, release_opened(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
  EXPECT_FALSE(journal_->append(kShop, 0, release_opened(2)));
  EXPECT_EQ(journal_->read(kShop)->size(), 1U);
  EXPECT_TRUE(journal_->append(kShop, current, release_opened(2)));
}

INSTANTIATE_TEST_SUITE_P(
    All, JournalContract,
    testing::Values(Implementation{"sqlite", [] { return std::make_unique<SqliteStorage>(); }},
                    Implementation{"memory", [] { return std::make_unique<MemoryStorage>(); }},
                    Implementation{"remote", [] { return std::make_unique<RemoteStorage>(); },
                                   false}),
    [](const auto& made) { return made.param.name; });

}  // namespace
}  // namespace pipeline::deploy
