#include "stages/source/tree_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/source/git_source.h"
#include "tests/support/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::source {
namespace {

using support::shell;

class TreeExportTest : public testing::Test {
 protected:
  std::string publish(const Revision& revision) const {
    return export_.publish(revision.repository, revision.tree).value();
  }
  std::string exported(const std::string& name) const {
    return (directory_.path() / "exports" / name).string();
  }

  support::TemporaryDirectory directory_;
  support::GitRepository repository_;
  std::unique_ptr<Source> source_ =
      make_git_source(directory_.path() / "mirrors", directory_.path() / "trees");
  TreeExport export_{directory_.path() / "exports", directory_.path() / "mirrors"};
};

TEST_F(TreeExportTest, AWorkingTreeCanBeClonedWithoutItsHistory) {
  repository_.write("a", "1");
  repository_.commit();
  repository_.commit("--allow-empty");
  repository_.write("sub/b", "not committed");
  const Revision revision = source_->snapshot(repository_.path()).value();
  const std::string name = publish(revision);
  EXPECT_EQ(publish(revision), name) << "publishing twice changes nothing";
  const std::string clone = (directory_.path() / "clone").string();
  shell("git clone --quiet --branch " + revision.tree + " " + exported(name) + " " + clone);
  EXPECT_EQ(shell("cd " + clone + " && git rev-parse HEAD^{tree}"), revision.tree);
  EXPECT_EQ(shell("cat " + clone + "/sub/b"), "not committed");
  EXPECT_EQ(shell("cd " + clone + " && git rev-list --count HEAD"), "1");
}

// Killed in the middle of it: git's own locks stay behind, and so does our mark.
TEST_F(TreeExportTest, WhatWasLeftLockedIsFreeForTheNext) {
  repository_.write("a", "1");
  const Revision revision = source_->snapshot(repository_.path()).value();
  const std::string name = publish(revision);
  const auto left = exported(name) + "/refs/heads/" + revision.tree + ".lock";
  std::filesystem::remove(exported(name) + "/refs/heads/" + revision.tree);
  support::shell("touch " + left + " " + exported(name) + "/config.lock");
  EXPECT_FALSE(export_.publish(revision.repository, revision.tree))
      << "somebody else's, as it seems";
  support::shell("printf 1 > " + exported(name) + ".lock");
  EXPECT_EQ(publish(revision), name);
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_EQ(std::filesystem::file_size(exported(name) + ".lock"), 0U);
}

TEST_F(TreeExportTest, ALaterTreeSendsOnlyWhatIsNew) {
  repository_.write("large", std::string(100'000, 'x'));
  const Revision first = source_->snapshot(repository_.path()).value();
  const std::string name = publish(first);
  const std::string clone = (directory_.path() / "clone").string();
  shell("git clone --quiet --no-local --branch " + first.tree + " " + exported(name) + " " + clone);
  repository_.write("small", "1");
  const Revision second = source_->snapshot(repository_.path()).value();
  EXPECT_EQ(publish(second), name);
  const std::string got =
      shell("cd " + clone + " && git -c fetch.unpackLimit=1 fetch origin " + second.tree +
            " 2>/dev/null && git count-objects -v | sed -n 's/in-pack: //p'");
  // The commit, the tree and the new blob, after the three of the first.
  EXPECT_EQ(got, "6");
}

TEST_F(TreeExportTest, ATreeThatIsNotThereIsRefused) {
  repository_.write("a", "1");
  const Revision revision = source_->snapshot(repository_.path()).value();
  EXPECT_FALSE(export_.publish(revision.repository, std::string(40, 'a')));
  EXPECT_FALSE(export_.publish(revision.repository, "../../x"));
}

TEST_F(TreeExportTest, TheOldestTreesGo) {
  std::string last;
  for (int i = 0; i < 260; ++i) {
    repository_.write("a", std::to_string(i));
    const Revision revision = source_->snapshot(repository_.path()).value();
    last = publish(revision);
  }
  EXPECT_EQ(shell("ls " + exported(last) + "/refs/heads | wc -l"), "256");
}

}  // namespace
}  // namespace pipeline::source
