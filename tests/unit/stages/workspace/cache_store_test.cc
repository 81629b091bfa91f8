#include "stages/workspace/cache_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::workspace {
namespace {

namespace fs = std::filesystem;
using testing::Optional;

const CacheScope kTrusted{"/srv/shop.git", Trust::trusted};
const CacheScope kFork{"/srv/shop.git", Trust::untrusted};
constexpr std::uint64_t kBudget = 10'000;

class CacheStoreTest : public testing::Test {
 protected:
  // What a job left that was given `lower` and wrote `content` to .cache/file.
  Leftovers job(const std::string& content, std::vector<fs::path> lower = {}) {
    const std::string name = "job" + std::to_string(jobs_++);
    dir_.write(name + "/.cache/file", content);
    EXPECT_TRUE(host::give_tree_to_job_user(dir_.path() / name));
    return {.lower = std::move(lower), .upper = dir_.path() / name};
  }
  void save(const CacheScope& scope, const std::string& key, const std::string& content) {
    const auto saved = store_.save(scope, key, job(content), ".cache", Take::move);
    ASSERT_TRUE(saved) << saved.error().to_string();
  }
  // What the job would find in .cache/file.
  std::optional<std::string> find(const CacheScope& scope, const std::vector<std::string>& keys) {
    const auto found = store_.restore(scope, keys);
    EXPECT_TRUE(found) << found.error().to_string();
    if (!found || !*found) return std::nullopt;
    return *host::read_file((*found)->layer / ".cache/file");
  }

  support::TemporaryDirectory dir_;
  CacheStore store_{dir_.path() / "caches", kBudget};
  int jobs_ = 0;
};

TEST_F(CacheStoreTest, GivesBackWhatWasSaved) {
  EXPECT_EQ(find(kTrusted, {"main"}), std::nullopt);
  save(kTrusted, "main", "one");
  EXPECT_THAT(find(kTrusted, {"main"}), Optional(std::string("one")));
  save(kTrusted, "main", "two");
  EXPECT_THAT(find(kTrusted, {"main"}), Optional(std::string("two")));
}

TEST_F(CacheStoreTest, FallsBackInTheOrderOfTheKeys) {
  save(kTrusted, "main", "of main");
  save(kTrusted, "any", "of any");
  EXPECT_THAT(find(kTrusted, {"topic", "main", "any"}), Optional(std::string("of main")));
  EXPECT_THAT(find(kTrusted, {"topic", "any"}), Optional(std::string("of any")));
}

TEST_F(CacheStoreTest, BelongsToItsRepository) {
  save(kTrusted, "main", "one");
  EXPECT_EQ(find({"/srv/other.git", Trust::trusted}, {"main"}), std::nullopt);
}

TEST_F(CacheStoreTest, WhatAForkWroteNeverReachesATrustedRun) {
  save(kFork, "main", "poisoned");
  EXPECT_EQ(find(kTrusted, {"main"}), std::nullopt);
  EXPECT_THAT(find(kFork, {"main"}), Optional(std::string("poisoned")));
}

TEST_F(CacheStoreTest, AForkReadsWhatTrustedRunsWroteAndCannotChangeIt) {
  save(kTrusted, "main", "good");
  EXPECT_THAT(find(kFork, {"main"}), Optional(std::string("good")));
  save(kFork, "main", "poisoned");
  EXPECT_THAT(find(kTrusted, {"main"}), Optional(std::string("good")));
}

TEST_F(CacheStoreTest, KeepsWhatTheJobWasGivenAndDidNotChange) {
  save(kTrusted, "main", "old");
  const auto given = store_.restore(kTrusted, {"main"});
  ASSERT_TRUE(given && *given);
  Leftovers left = job("new", {(*given)->layer});
  dir_.write("job1/.cache/more", "more");
  ASSERT_TRUE(host::give_tree_to_job_user(left.upper));
  fs::remove(left.upper / ".cache/file");
  ASSERT_TRUE(store_.save(kTrusted, "main", left, ".cache", Take::move));
  const auto now = store_.restore(kTrusted, {"main"});
  ASSERT_TRUE(now && *now);
  EXPECT_EQ(*host::read_file((*now)->layer / ".cache/file"), "old");
  EXPECT_EQ(*host::read_file((*now)->layer / ".cache/more"), "more");
}

TEST_F(CacheStoreTest, SavingNothingIsNoError) {
  fs::create_directories(dir_.path() / "empty");
  const Leftovers none{.lower = {}, .upper = dir_.path() / "empty"};
  EXPECT_TRUE(store_.save(kTrusted, "main", none, ".cache", Take::move));
  EXPECT_EQ(find(kTrusted, {"main"}), std::nullopt);
}

TEST_F(CacheStoreTest, ThrowsOutWhatWasNotUsedForLongest) {
  const std::string big(4'000, 'x');
  save(kTrusted, "a", "a" + big);
  save(kTrusted, "b", "b" + big);
  EXPECT_TRUE(find(kTrusted, {"a"}).has_value());
  save(kTrusted, "c", "c" + big);
  EXPECT_TRUE(find(kTrusted, {"a"}).has_value());
  EXPECT_EQ(find(kTrusted, {"b"}), std::nullopt);
  EXPECT_TRUE(find(kTrusted, {"c"}).has_value());
}

std::size_t layers_in(const fs::path& caches) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(caches / "layers")) count += entry.is_directory();
  return count;
}

TEST_F(CacheStoreTest, LeavesNoLayerThatNobodyNames) {
  save(kTrusted, "main", "one");
  save(kTrusted, "main", "two");
  EXPECT_EQ(layers_in(dir_.path() / "caches"), 1U);
}

TEST_F(CacheStoreTest, KeepsALayerAsLongAsAJobHasIt) {
  save(kTrusted, "main", "one");
  {
    const auto held = store_.restore(kTrusted, {"main"});
    ASSERT_TRUE(held && *held);
    save(kTrusted, "main", "two");
    EXPECT_EQ(*host::read_file((*held)->layer / ".cache/file"), "one");
  }
}

TEST_F(CacheStoreTest, RefusesMoreThanTheBudget) {
  const auto saved =
      store_.save(kTrusted, "main", job(std::string(2 * kBudget, 'x')), ".cache", Take::move);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().kind(), base::ErrorKind::failed);
}

TEST_F(CacheStoreTest, PassesOverWhatIsDamaged) {
  save(kTrusted, "main", "one");
  for (const auto& scope : fs::directory_iterator(dir_.path() / "caches/entries")) {
    for (const auto& file : fs::directory_iterator(scope.path())) {
      std::ofstream(file.path()) << "rubbish";
    }
  }
  EXPECT_EQ(find(kTrusted, {"main"}), std::nullopt);
  save(kTrusted, "main", "two");
  EXPECT_THAT(find(kTrusted, {"main"}), Optional(std::string("two")));
}

TEST_F(CacheStoreTest, OfTwoThatSaveAtOnceOneStaysWhole) {
  constexpr std::size_t kJobs = 8;
  std::vector<Leftovers> left;
  left.reserve(kJobs);
  for (std::size_t i = 0; i < kJobs; ++i)
    left.push_back(job(std::string(100, static_cast<char>('a' + i))));
  std::vector<std::thread> threads;
  threads.reserve(kJobs);
  for (const Leftovers& one : left) {
    threads.emplace_back(
        [&] { EXPECT_TRUE(store_.save(kTrusted, "main", one, ".cache", Take::move)); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto found = find(kTrusted, {"main"});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, std::string(100, found->front()));
}

}  // namespace
}  // namespace pipeline::workspace
