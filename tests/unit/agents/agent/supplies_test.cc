// What an agent keeps for later jobs, and what goes when it is too much.
#include "agents/agent/supplies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/agent/attempt_keep.h"
#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/source/git_source.h"
#include "tests/support/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::agent {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using testing::ElementsAre;

constexpr std::uint64_t kPlenty = 1U << 30U;
constexpr std::uint64_t kSize = 1000;

class SuppliesTest : public testing::Test {
 protected:
  // Of kSize bytes each, used that long ago.
  base::Digest outputs(char content, hours ago) {
    fill(content);
    const auto digest =
        layers_.collect({.lower = {}, .upper = work()}, {"out"}, kPlenty, workspace::Take::copy);
    age(".seal", "layers", digest->hex(), ago);
    return *digest;
  }
  base::Digest artifact(char content, hours ago) {
    fill(content);
    const auto packed = artifacts_.put(*workspace::MergedView::open({work()}), {"out"}, kPlenty);
    artifacts_.mark_used(packed->digest);
    age(".tar.zst", "artifacts", packed->digest.hex(), ago);
    age(".tar.zst.seal", "artifacts", packed->digest.hex(), ago);
    return packed->digest;
  }
  Supplies::Tidied tidy(std::uint64_t budget, hours before = hours(1)) const {
    return supplies_.tidy(budget, now() - before).value();
  }
  static base::TimePoint now() {
    return std::chrono::time_point_cast<base::Duration>(std::chrono::system_clock::now());
  }

  support::TemporaryDirectory directory_;
  std::unique_ptr<source::Source> source_ =
      source::make_git_source(directory_.path() / "mirrors", directory_.path() / "trees");
  workspace::LayerStore layers_{directory_.path() / "layers"};
  artifact::ArtifactStore artifacts_{directory_.path() / "artifacts"};
  Supplies supplies_{*source_,
                     layers_,
                     artifacts_,
                     {.mirrors = directory_.path() / "mirrors",
                      .trees = directory_.path() / "trees",
                      .scratch = directory_.path() / "scratch"}};

 private:
  fs::path work() const { return directory_.path() / "work"; }
  void fill(char content) {
    directory_.write("work/out", std::string(kSize, content));
    ASSERT_TRUE(host::give_tree_to_job_user(work()));
  }
  void age(const std::string& suffix, const char* store, const std::string& hex, hours ago) {
    fs::last_write_time(directory_.path() / store / (hex + suffix),
                        fs::file_time_type::clock::now() - ago);
  }
};

TEST_F(SuppliesTest, WhatWasNotUsedForLongestGoesFirst) {
  const auto newest = outputs('a', hours(2));
  const auto oldest = outputs('b', hours(4));
  const auto middle = outputs('c', hours(3));
  EXPECT_EQ(tidy(3 * kSize).count, 0U);
  const auto tidied = tidy(3 * kSize - 1);
  EXPECT_EQ(tidied.count, 1U);
  EXPECT_EQ(tidied.bytes, kSize);
  EXPECT_FALSE(layers_.find(oldest));
  EXPECT_TRUE(layers_.find(middle));
  tidy(kSize);
  EXPECT_THAT(layers_.all(), ElementsAre(newest));
}

TEST_F(SuppliesTest, NothingThatSomebodyMayStillUse) {
  const auto lately = outputs('a', hours(0));
  const auto earlier = outputs('b', hours(2));
  EXPECT_EQ(tidy(0, hours(3)).count, 0U) << "an attempt began before it was used";
  EXPECT_EQ(tidy(0).count, 1U);
  EXPECT_TRUE(layers_.find(lately));
  EXPECT_FALSE(layers_.find(earlier));
}

TEST_F(SuppliesTest, WhatIsAskedForIsUsed) {
  const auto digest = outputs('a', hours(2));
  layers_.mark_used(digest);
  EXPECT_EQ(tidy(0).count, 0U);
}

TEST_F(SuppliesTest, ArtifactsGoWithWhatWasUnpackedOfThem) {
  const auto old = artifact('a', hours(3));
  const auto unpacked = artifacts_.unpacked(old);
  ASSERT_TRUE(unpacked);
  const auto made = outputs('b', hours(2));
  const auto tidied = tidy(kSize);
  EXPECT_EQ(tidied.count, 1U);
  EXPECT_GT(tidied.bytes, kSize) << "packed and unpacked";
  EXPECT_FALSE(fs::exists(*unpacked));
  EXPECT_FALSE(artifacts_.used_at(old));
  EXPECT_TRUE(layers_.find(made));
}

TEST_F(SuppliesTest, TreesThatNobodyUsesGoToo) {
  const support::GitRepository repository;
  repository.write("a", std::string(kSize, 'a'));
  const auto revision = source_->snapshot(repository.path());
  ASSERT_TRUE(source_->work_tree(revision->repository, revision->tree));
  fs::last_write_time(directory_.path() / "trees" / (revision->tree + ".lock"),
                      fs::file_time_type::clock::now() - hours(2));
  EXPECT_EQ(tidy(0).count, 0U) << "the source holds it for the next job";
  source_.reset();
  EXPECT_EQ(tidy(kSize).count, 0U);
  EXPECT_EQ(tidy(kSize - 1).bytes, kSize);
  EXPECT_FALSE(fs::exists(directory_.path() / "trees" / revision->tree));
}

TEST_F(SuppliesTest, TheOldestAttemptIsTheFirstThatWasTaken) {
  const AttemptKeep keep(directory_.path() / "attempts");
  EXPECT_EQ(keep.oldest(), std::nullopt);
  const auto first = keep.keep({{7, "go", 1}, 41});
  ASSERT_TRUE(keep.keep({{8, "go", 1}, 42}));
  fs::last_write_time(first->directory / "word.json", fs::file_time_type::clock::now() - hours(5));
  EXPECT_LT(keep.oldest().value(), now() - hours(4));
  ASSERT_TRUE(AttemptKeep::forget(*first));
  EXPECT_GT(keep.oldest().value(), now() - hours(1));
}

}  // namespace
}  // namespace pipeline::agent
