#include "runner/keeping/garbage.h"

#include <gtest/gtest.h>

#include "runner/store/lease.h"
#include "runner/store/sqlite/sqlite_database_keeper.h"
#include "runner/store/sqlite/sqlite_journal.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "stages/artifact/artifact_store.h"
#include "stages/host/hash.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::keeping {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using run::RunId;

class GarbageOf : public testing::Test {
 protected:
  void SetUp() override {
    runs_ = store::open_sqlite_run_store(paths_).value();
    journal_ = store::open_sqlite_journal(paths_).value();
  }

  // A run of `shop` that ended so long ago, or has not, with a log.
  RunId add_run(int days_ago, std::vector<run::EventBody> bodies = {}, bool ends = true) {
    const auto created = runs_->create();
    run::RunSpec spec;
    spec.pipeline = "shop";
    bodies.insert(bodies.begin(), run::RunCreated{spec});
    if (ends) bodies.emplace_back(run::RunFinished{});
    std::vector<run::Event> events;
    events.reserve(bodies.size());
    for (auto& body : bodies)
      events.push_back(
          {events.size() + 1, now_ - std::chrono::hours(24 * days_ago), std::move(body)});
    EXPECT_TRUE(runs_->append(created->id, events));
    directory_.write("runs/" + std::to_string(created->id) + "/jobs/a.1/log", "0123456789");
    return created->id;
  }
  // A file that nobody has touched for two hours.
  base::Digest add_file(const std::string& folder, const std::string& bytes,
                        const std::string& suffix) {
    const base::Digest digest = host::sha256(bytes);
    const fs::path file = directory_.write(folder + "/" + digest.hex() + suffix, bytes);
    age(file);
    return digest;
  }
  base::Digest add_artifact(const std::string& bytes) {
    return add_file("artifacts", bytes, ".tar.zst");
  }
  static void age(const fs::path& file) {
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(2));
  }
  fs::path artifact(const base::Digest& digest) const {
    return paths_.artifacts() / (digest.hex() + ".tar.zst");
  }
  static run::JobFinished made(const base::Digest& digest) {
    run::JobFinished finished;
    finished.job = "a";
    finished.artifacts = {{"app", digest, 1}};
    return finished;
  }
  void add_release(const rollout::Release& release) {
    const deploy::EnvironmentKey key{"shop", "prod"};
    const auto place = journal_->enqueue(key);
    const auto turn = (*place)->poll();
    rollout::EnvironmentRecord record;
    record.releases = {release};
    record.last_release = release.number;
    EXPECT_TRUE(journal_->append(key, *turn->fence, {now_, rollout::Checkpoint{record}}));
  }
  Garbage remove() {
    const auto removed = remove_garbage(tools(), policy_, now_, {});
    EXPECT_TRUE(removed) << removed.error().to_string();
    return removed.value_or(Garbage{});
  }
  GarbageTools tools() { return {paths_, *runs_, *database_, *journal_}; }

  support::TemporaryDirectory directory_;
  store::Paths paths_{directory_.path()};
  base::TimePoint now_ =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  retention::Policy policy_{1, std::chrono::hours(24 * 30)};
  std::unique_ptr<store::RunStore> runs_;
  std::unique_ptr<deploy::Journal> journal_;
  std::unique_ptr<store::DatabaseKeeper> database_ = store::make_sqlite_database_keeper(paths_);
};

TEST_F(GarbageOf, AnOldRunGoesWithAllThatOnlyItHas) {
  const auto only_its = add_artifact("old");
  const auto shared = add_artifact("both");
  const auto nobodys = add_file("packed-layers", "outputs", "");
  add_run(90, {made(only_its), made(shared)});
  add_run(1, {made(shared)});
  const auto would_go = find_garbage(tools(), policy_, now_);
  ASSERT_TRUE(would_go);
  EXPECT_EQ(would_go->runs, std::vector<RunId>{1});
  EXPECT_TRUE(fs::exists(paths_.run(1))) << "it only looked";
  const Garbage gone = remove();
  EXPECT_EQ(gone.runs, std::vector<RunId>{1});
  EXPECT_EQ(gone.artifacts, 1U);
  EXPECT_EQ(gone.outputs, 1U);
  EXPECT_EQ(gone.bytes, would_go->bytes);
  EXPECT_FALSE(fs::exists(paths_.run(1)));
  EXPECT_EQ(runs_->events(1).error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(fs::exists(artifact(only_its)));
  EXPECT_FALSE(fs::exists(paths_.packed_layers() / nobodys.hex()));
  EXPECT_TRUE(fs::exists(artifact(shared)));
  EXPECT_TRUE(fs::exists(paths_.run(2) / "jobs/a.1/log"));
  EXPECT_EQ(remove().bytes, 0U) << "a second time there is nothing";
}

TEST_F(GarbageOf, WhatIsUnderWayStaysWithItsFiles) {
  const auto artifact_of_it = add_artifact("of it");
  run::JobFinished finished = made(artifact_of_it);
  finished.outputs = add_file("packed-layers", "outputs", "");
  add_run(90, {finished}, false);
  add_run(1);
  EXPECT_EQ(remove().bytes, 0U);
  EXPECT_TRUE(fs::exists(artifact(artifact_of_it)));
  EXPECT_TRUE(fs::exists(paths_.packed_layers() / finished.outputs->hex()));
}

TEST_F(GarbageOf, ARunThatSomebodyDrivesStays) {
  const auto its = add_artifact("its");
  add_run(90, {made(its)});
  add_run(1);
  const auto lease = store::take_lease(paths_, 1);
  ASSERT_TRUE(lease);
  EXPECT_EQ(remove().runs, std::vector<RunId>{});
  EXPECT_TRUE(fs::exists(artifact(its)));
  EXPECT_TRUE(runs_->events(1));
}

TEST_F(GarbageOf, WhatAReleaseCameFromStays) {
  rollout::Release release;
  release.number = 1;
  release.run = 1;
  release.digest = add_artifact("released");
  add_run(90);
  add_run(1);
  add_release(release);
  EXPECT_EQ(remove().bytes, 0U);
  EXPECT_TRUE(fs::exists(artifact(release.digest)));
}

TEST_F(GarbageOf, RunsThatAKeptOneNamesStay) {
  add_run(90);
  run::JobCached of_the_first;
  of_the_first.job = "a";
  of_the_first.from_run = 1;
  add_run(80, {of_the_first});
  add_run(70);
  add_run(1, {run::ChildRunStarted{"b", 1, 2}});
  EXPECT_EQ(remove().runs, std::vector<RunId>{3});
}

TEST_F(GarbageOf, AResultIsKnownAsLongAsItsRun) {
  const auto old_result = add_artifact("old");
  const auto new_result = add_artifact("new");
  add_run(90);
  add_run(1);
  const auto key = [](const char* text) { return host::sha256(text); };
  ASSERT_TRUE(runs_->save_cached(key("a"), {1, {}, {{"app", old_result, 1}}}));
  ASSERT_TRUE(runs_->save_cached(key("b"), {2, {}, {{"app", new_result, 1}}}));
  remove();
  EXPECT_FALSE(runs_->find_cached(key("a")).value());
  EXPECT_TRUE(runs_->find_cached(key("b")).value());
  EXPECT_FALSE(fs::exists(artifact(old_result)));
  EXPECT_TRUE(fs::exists(artifact(new_result)));
}

TEST_F(GarbageOf, WhatSomebodyMayBeAboutToNameStays) {
  const auto young = add_artifact("young");
  fs::last_write_time(artifact(young), fs::file_time_type::clock::now());
  const auto asked_for = add_artifact("asked for");
  artifact::ArtifactStore(paths_.artifacts()).mark_used(asked_for);
  add_run(1);
  EXPECT_EQ(remove().artifacts, 0U);
  EXPECT_TRUE(fs::exists(artifact(young)));
  EXPECT_TRUE(fs::exists(artifact(asked_for)));
}

TEST_F(GarbageOf, WhatAKilledOneMovedAsideComesBack) {
  const auto named = add_artifact("named");
  fs::rename(artifact(named), artifact(named).string() + ".aside");
  add_run(1, {made(named)});
  EXPECT_EQ(remove().artifacts, 0U);
  EXPECT_TRUE(fs::exists(artifact(named)));
}

TEST_F(GarbageOf, OneAtATime) {
  const auto lock = store::take_keeping_lock(paths_);
  const auto refused = remove_garbage(tools(), policy_, now_, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
}

}  // namespace
}  // namespace pipeline::keeping
