#include "stages/source/hooks.h"

#include <gtest/gtest.h>

#include "tests/support/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::source {
namespace {

TEST(Hooks, AreWhereGitLooksForThem) {
  const support::GitRepository repository;
  const auto folder = hooks_folder(repository.path());
  ASSERT_TRUE(folder) << folder.error().to_string();
  EXPECT_TRUE(std::filesystem::equivalent(folder->path.parent_path(), repository.path() / ".git"));
  EXPECT_EQ(folder->path.filename(), "hooks");
  EXPECT_FALSE(folder->is_shared);
}

TEST(Hooks, AreWhereTheConfigurationSays) {
  support::GitRepository repository;
  repository.git("config core.hooksPath tools/hooks");
  const auto inside = hooks_folder(repository.path());
  ASSERT_TRUE(inside);
  EXPECT_EQ(std::filesystem::weakly_canonical(inside->path),
            std::filesystem::weakly_canonical(repository.path() / "tools/hooks"));
  EXPECT_FALSE(inside->is_shared);

  const support::TemporaryDirectory elsewhere;
  repository.git("config core.hooksPath " + elsewhere.path().string());
  const auto outside = hooks_folder(repository.path());
  ASSERT_TRUE(outside);
  EXPECT_EQ(outside->path, elsewhere.path());
  EXPECT_TRUE(outside->is_shared);
}

TEST(Hooks, NeedARepository) {
  const support::TemporaryDirectory nowhere;
  const auto folder = hooks_folder(nowhere.path());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind(), base::ErrorKind::invalid);
}

}  // namespace
}  // namespace pipeline::source
