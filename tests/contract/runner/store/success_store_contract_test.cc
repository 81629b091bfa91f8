// What every SuccessStore promises.
#include "runner/store/success_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/sqlite/sqlite_run_store.h"
#include "runner/store/sqlite/sqlite_success_store.h"
#include "tests/contract/runner/store/store_contract.h"

namespace pipeline::store {
namespace {

using run::RunStatus;
using testing::ElementsAre;
using testing::IsEmpty;

// With the runs that it shares its storage with.
using OpenBoth = std::pair<Open<SuccessStore>, Open<RunStore>>;

class SuccessStoreContract : public testing::TestWithParam<OpenBoth> {
 protected:
  // Another object on the same storage, as another process has it.
  std::unique_ptr<SuccessStore> open() const { return *GetParam().first(paths_); }
  run::RunId add(std::optional<RunStatus> end) {
    const auto run = *runs_->create();
    std::vector<run::Event> events = {{.sequence = 1, .at = kNoon, .body = run::RunCreated{}}};
    if (end) events.push_back({.sequence = 2, .at = kNoon, .body = run::RunFinished{*end, ""}});
    EXPECT_TRUE(runs_->append(run.id, events));
    return run.id;
  }

 private:
  support::TemporaryDirectory directory_;
  const Paths paths_{directory_.path()};
  std::unique_ptr<RunStore> runs_ = *GetParam().second(paths_);
};

TEST_P(SuccessStoreContract, KnowsWhatHasSucceededAndIsNotSeen) {
  const auto store = open();
  EXPECT_THAT(*store->unseen(), IsEmpty());
  const run::RunId first = add(RunStatus::succeeded);
  for (const RunStatus other : {RunStatus::failed, RunStatus::errored, RunStatus::cancelled})
    add(other);
  add(std::nullopt);
  const run::RunId second = add(RunStatus::succeeded);
  EXPECT_THAT(*store->unseen(), ElementsAre(first, second));
  ASSERT_TRUE(store->saw(first));
  EXPECT_THAT(*open()->unseen(), ElementsAre(second));
}

TEST_P(SuccessStoreContract, OneThatHasGoneIsNoTrouble) {
  EXPECT_TRUE(open()->saw(4711));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, SuccessStoreContract,
                         testing::Values(OpenBoth{&open_sqlite_success_store,
                                                  &open_sqlite_run_store}));

}  // namespace
}  // namespace pipeline::store
