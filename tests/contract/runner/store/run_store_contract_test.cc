// What every RunStore promises, held against each implementation: one storage, several objects on
// it (as several processes would have), objects that come and go.
#include "runner/store/run_store.h"

#include <gtest/gtest.h>

#include <functional>

#include "pipelines/run/event_json.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

using base::ErrorKind;
using run::Event;
using run::RunStatus;

// A storage that outlives the objects opened on it.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual std::unique_ptr<RunStore> open() = 0;
};

class SqliteStorage final : public Storage {
 public:
  std::unique_ptr<RunStore> open() override {
    auto opened = open_sqlite_run_store(Paths(directory_.path()));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return *std::move(opened);
  }

 private:
  support::TemporaryDirectory directory_;
};

class MemoryStorage final : public Storage {
 public:
  std::unique_ptr<RunStore> open() override {
    return std::make_unique<support::MemoryRunStore>(disk_);
  }

 private:
  support::MemoryDisk disk_;
};

struct Implementation {
  const char* name;
  std::function<std::unique_ptr<Storage>()> make;
};

class RunStoreContract : public testing::TestWithParam<Implementation> {
 protected:
  std::unique_ptr<Storage> storage_ = GetParam().make();
  std::unique_ptr<RunStore> store_ = storage_->open();

  RunStore::NewRun create() {
    auto made = store_->create();
    if (!made) throw std::runtime_error(made.error().to_string());
    return *std::move(made);
  }
};

base::TimePoint at(int seconds) {
  return base::TimePoint(std::chrono::seconds(seconds));
}

Event created(const std::string& pipeline = "shop", bool detached = false) {
  run::RunSpec spec;
  spec.pipeline = pipeline;
  spec.repository = "/srv/shop";
  spec.facts.branch = "main";
  spec.facts.commit = "c0ffee";
  spec.detached = detached;
  return {1, at(100), run::RunCreated{spec}};
}

Event queued(std::uint64_t sequence) {
  return {sequence, at(101), run::JobQueued{"unit", 1}};
}

Event finished(std::uint64_t sequence) {
  return {sequence, at(160), run::RunFinished{RunStatus::failed, "unit failed"}};
}

base::Digest digest(std::uint8_t fill) {
  base::Digest::Bytes bytes{};
  bytes.fill(fill);
  return base::Digest(bytes);
}

std::vector<std::string> lines(const std::vector<Event>& events) {
  std::vector<std::string> text;
  text.reserve(events.size());
  for (const Event& event : events) text.push_back(run::to_json(event));
  return text;
}

TEST_P(RunStoreContract, NumbersRunsFromOne) {
  const auto first = create();
  const auto second = create();
  EXPECT_EQ(first.id, 1U);
  EXPECT_EQ(second.id, 2U);
}

TEST_P(RunStoreContract, GivesEventsBackAsTheyCameAlsoToAnotherObject) {
  const auto run = create();
  const std::vector<Event> first = {created(), queued(2)};
  const std::vector<Event> second = {finished(3)};
  ASSERT_TRUE(store_->append(run.id, first));
  ASSERT_TRUE(store_->append(run.id, second));
  const auto reader = storage_->open();
  const auto all = reader->events(run.id);
  ASSERT_TRUE(all);
  EXPECT_EQ(lines(*all), lines({created(), queued(2), finished(3)}));
  const auto later = reader->events(run.id, 2);
  ASSERT_TRUE(later);
  EXPECT_EQ(lines(*later), lines(second));
  const auto none = reader->events(run.id, 3);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_P(RunStoreContract, KeepsWhatWasAppendedWhenTheObjectDies) {
  {
    auto run = create();
    ASSERT_TRUE(store_->append(run.id, std::vector{created()}));
  }
  store_.reset();
  const auto events = storage_->open()->events(1);
  ASSERT_TRUE(events);
  EXPECT_EQ(events->size(), 1U);
}

TEST_P(RunStoreContract, AnUnknownRunIsNotFound) {
  const auto events = store_->events(7);
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().kind(), ErrorKind::not_found);
  EXPECT_TRUE(events.error().hint());
  const auto reserved = create();
  EXPECT_FALSE(store_->events(reserved.id)) << "nothing is stored before the first append";
}

TEST_P(RunStoreContract, RefusesEventsThatDoNotFollowAndThenStoresNoneOfThem) {
  const auto run = create();
  const auto refuses = [&](const std::vector<Event>& events) {
    const auto appended = store_->append(run.id, events);
    return !appended && appended.error().kind() == ErrorKind::conflict;
  };
  EXPECT_TRUE(refuses({queued(1)})) << "the first is RunCreated";
  EXPECT_TRUE(refuses({queued(2)}));
  EXPECT_TRUE(refuses({created(), queued(3)})) << "a gap";
  EXPECT_FALSE(store_->events(run.id)) << "not even the first was stored";
  ASSERT_TRUE(store_->append(run.id, std::vector{created()}));
  EXPECT_TRUE(refuses({created()}));
  EXPECT_TRUE(refuses({queued(2), queued(2)}));
  Event again = created();
  again.sequence = 2;
  EXPECT_TRUE(refuses({again})) << "a run is created once";
  EXPECT_EQ(store_->events(run.id)->size(), 1U);
}

TEST_P(RunStoreContract, AnEmptyAppendDoesNothing) {
  const auto run = create();
  EXPECT_TRUE(store_->append(run.id, {}));
  EXPECT_FALSE(store_->events(run.id));
}

TEST_P(RunStoreContract, OnlyTheHolderOfTheLeaseWrites) {
  auto run = create();
  ASSERT_TRUE(store_->append(run.id, std::vector{created()}));
  const auto other = storage_->open();
  const auto stolen = other->append(run.id, std::vector{queued(2)});
  ASSERT_FALSE(stolen);
  EXPECT_EQ(stolen.error().kind(), ErrorKind::conflict);
  run.lease.reset();
  EXPECT_FALSE(store_->append(run.id, std::vector{queued(2)})) << "it was given back";
}

TEST_P(RunStoreContract, ALeaseHasOneHolderAndPassesOnWhenItIsGivenBack) {
  auto run = create();
  ASSERT_TRUE(store_->append(run.id, std::vector{created()}));
  const auto other = storage_->open();
  const auto refused = other->acquire(run.id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
  EXPECT_FALSE(store_->acquire(run.id)) << "not even the same object twice";
  run.lease.reset();
  const auto taken = other->acquire(run.id);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(other->append(run.id, std::vector{queued(2)}));
}

TEST_P(RunStoreContract, ListsRunsNewestFirst) {
  const auto first = create();
  const auto second = create();
  const auto reserved = create();
  ASSERT_TRUE(store_->append(first.id, std::vector{created("one"), finished(2)}));
  ASSERT_TRUE(store_->append(second.id, std::vector{created("two", true)}));
  const auto runs = storage_->open()->list({.limit = 10});
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 2U) << "a reserved number is no run yet";
  EXPECT_EQ((*runs)[0].id, second.id);
  EXPECT_EQ((*runs)[0].status, RunStatus::running);
  EXPECT_FALSE((*runs)[0].finished_at);
  EXPECT_TRUE((*runs)[0].detached);
  const RunSummary& over = (*runs)[1];
  EXPECT_FALSE(over.detached);
  EXPECT_EQ(over.pipeline, "one");
  EXPECT_EQ(over.repository, "/srv/shop");
  EXPECT_EQ(over.branch, "main");
  EXPECT_EQ(over.commit, "c0ffee");
  EXPECT_EQ(over.status, RunStatus::failed);
  EXPECT_EQ(over.reason, "unit failed");
  EXPECT_EQ(over.created_at, at(100));
  EXPECT_EQ(over.finished_at, at(160));
  EXPECT_EQ(store_->list({.limit = 1})->size(), 1U);
}

TEST_P(RunStoreContract, ListsWhatFitsAllThatIsAskedFor) {
  const auto ids = [&](const RunQuery& query) {
    std::vector<run::RunId> found;
    const auto runs = store_->list(query);
    for (const RunSummary& run : runs.value_or(std::vector<RunSummary>())) found.push_back(run.id);
    return found;
  };
  const auto over = create();
  auto left = create();
  const auto going = create();
  ASSERT_TRUE(store_->append(over.id, std::vector{created("one"), finished(2)}));
  ASSERT_TRUE(store_->append(left.id, std::vector{created("one")}));
  ASSERT_TRUE(store_->append(going.id, std::vector{created("two")}));
  left.lease.reset();
  using Ids = std::vector<run::RunId>;
  EXPECT_EQ(ids({}), (Ids{going.id, left.id, over.id}));
  EXPECT_EQ(ids({.before = going.id, .limit = 1}), Ids{left.id});
  EXPECT_EQ(ids({.before = over.id}), Ids{});
  EXPECT_EQ(ids({.pipeline = "one"}), (Ids{left.id, over.id}));
  EXPECT_EQ(ids({.repository = "/srv/shop", .branch = "main"}), (Ids{going.id, left.id, over.id}));
  EXPECT_EQ(ids({.repository = "/srv/blog"}), Ids{});
  using Repositories = std::vector<std::string>;
  EXPECT_EQ(ids({.limit = 1, .repositories = Repositories{"/srv/blog", "/srv/shop"}}),
            Ids{going.id});
  EXPECT_EQ(ids({.repositories = Repositories{"/srv/blog"}}), Ids{});
  EXPECT_EQ(ids({.repositories = Repositories{}}), Ids{}) << "of none of them";
  EXPECT_EQ(ids({.branch = "' OR 1 = 1 --"}), Ids{});
  EXPECT_EQ(ids({.status = RunStatus::failed}), Ids{over.id});
  EXPECT_EQ(ids({.status = RunStatus::running}), Ids{going.id});
  EXPECT_EQ(ids({.status = RunStatus::interrupted}), Ids{left.id});
  EXPECT_EQ(ids({.pipeline = "one", .status = RunStatus::succeeded}), Ids{});
}

TEST_P(RunStoreContract, AnUnfinishedRunThatNobodyDrivesIsInterrupted) {
  auto run = create();
  ASSERT_TRUE(store_->append(run.id, std::vector{created(), queued(2)}));
  EXPECT_EQ(store_->list({.limit = 1})->front().status, RunStatus::running);
  run.lease.reset();
  const auto reader = storage_->open();
  EXPECT_EQ(reader->list({.limit = 1})->front().status, RunStatus::interrupted);
  EXPECT_FALSE(reader->list({.limit = 1})->front().reason.empty());
  const auto lease = reader->acquire(run.id);
  ASSERT_TRUE(lease) << "looking at it does not keep it from being taken over";
  EXPECT_EQ(store_->list({.limit = 1})->front().status, RunStatus::running);
}

TEST_P(RunStoreContract, ARetriedRunIsOpenAgain) {
  const auto run = create();
  const Event retried{3, at(200), run::RunRetried{{"unit"}}};
  ASSERT_TRUE(store_->append(run.id, std::vector{created(), finished(2), retried}));
  const auto runs = store_->list({.limit = 1});
  ASSERT_TRUE(runs);
  EXPECT_EQ(runs->front().status, RunStatus::running);
  EXPECT_EQ(runs->front().reason, "");
  EXPECT_FALSE(runs->front().finished_at);
  EXPECT_FALSE(runs->front().detached);
}

TEST_P(RunStoreContract, ARunThatWasDetachedOnceStaysSo) {
  const auto run = create();
  const std::vector events = {created(), finished(2),
                              Event{3, at(200), run::RunRetried{{"unit"}, true}}, finished(4),
                              Event{5, at(300), run::RunRetried{{"unit"}}}};
  ASSERT_TRUE(store_->append(run.id, events));
  EXPECT_TRUE(store_->list({.limit = 1})->front().detached);
}

TEST_P(RunStoreContract, RemembersResultsByKeyTheLastOneWins) {
  const CachedResult first{3, digest(1), {{"shop", digest(2), 77}}};
  EXPECT_FALSE(*store_->find_cached(digest(9)));
  ASSERT_TRUE(store_->save_cached(digest(9), first));
  ASSERT_TRUE(store_->save_cached(digest(8), {4, std::nullopt, {}}));
  const auto reader = storage_->open();
  const auto found = reader->find_cached(digest(9));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->from_run, 3U);
  EXPECT_EQ((*found)->outputs, digest(1));
  ASSERT_EQ((*found)->artifacts.size(), 1U);
  EXPECT_EQ((*found)->artifacts[0].name, "shop");
  EXPECT_EQ((*found)->artifacts[0].size, 77U);
  ASSERT_TRUE(reader->save_cached(digest(9), {5, std::nullopt, {}}));
  EXPECT_EQ((*store_->find_cached(digest(9)))->from_run, 5U);
  EXPECT_EQ((*store_->find_cached(digest(8)))->from_run, 4U);
}

INSTANTIATE_TEST_SUITE_P(
    Stores, RunStoreContract,
    testing::Values(Implementation{"sqlite", [] { return std::make_unique<SqliteStorage>(); }},
                    Implementation{"memory", [] { return std::make_unique<MemoryStorage>(); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace pipeline::store
