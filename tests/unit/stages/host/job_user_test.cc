#include "stages/host/job_user.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace pipeline::host {
namespace {

TEST(JobUser, IsNeverRoot) {
  const FileOwner user = job_user();
  EXPECT_NE(user.uid, 0U);
  EXPECT_EQ(user.uid, ::geteuid() == 0 ? kDedicatedJobUid : ::geteuid());
}

TEST(JobUser, IsGivenTreesWithoutFollowingLinks) {
  std::string name = testing::TempDir() + "pipeline-owner-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::filesystem::path root(name);
  std::filesystem::create_directories(root / "tree/below");
  std::ofstream(root / "outside") << "x";
  std::filesystem::create_symlink(root / "outside", root / "tree/below/link");

  ASSERT_TRUE(give_tree_to_job_user(root / "tree"));
  struct stat status {};
  for (const char* path : {"tree", "tree/below", "tree/below/link"}) {
    ASSERT_EQ(::lstat((root / path).c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, job_user().uid) << path;
  }
  ASSERT_EQ(::lstat((root / "outside").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, ::geteuid()) << "what a link points to is not the tree's";
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace pipeline::host
