#include "runner/store/paths.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/support/temporary_directory.h"

namespace pipeline::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

// Each case is a process of its own under CTest; restored all the same for a run by hand.
class StateDirectory : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"PIPELINE_HOME", "XDG_STATE_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      saved_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : saved_) {
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }
  }
  fs::path inside(const std::string& name) const { return directory_.path() / name; }

  support::TemporaryDirectory directory_;

 private:
  std::map<std::string, std::optional<std::string>> saved_;
};

TEST_F(StateDirectory, PipelineHomeWinsAndIsMade) {
  ::setenv("PIPELINE_HOME", inside("a/b").c_str(), 1);
  ::setenv("XDG_STATE_HOME", inside("x").c_str(), 1);
  const auto paths = Paths::open_default();
  ASSERT_TRUE(paths) << paths.error().to_string();
  EXPECT_EQ(paths->root(), inside("a/b"));
  struct stat status {};
  ASSERT_EQ(::stat(paths->root().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, ::geteuid() == 0 ? 0755U : 0700U);
}

TEST_F(StateDirectory, ThenXdgThenHome) {
  ::setenv("XDG_STATE_HOME", inside("x").c_str(), 1);
  EXPECT_EQ(Paths::open_default()->root(), inside("x/pipeline"));
  if (::geteuid() == 0) GTEST_SKIP() << "root keeps its state in /var/lib/pipeline";
  ::setenv("XDG_STATE_HOME", "relative/is/ignored", 1);
  ::setenv("HOME", directory_.path().c_str(), 1);
  EXPECT_EQ(Paths::open_default()->root(), inside(".local/state/pipeline"));
}

TEST_F(StateDirectory, OneThatCannotBeMadeIsSaidWithANextStep) {
  std::FILE* file = std::fopen(inside("file").c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fclose(file);
  ::setenv("PIPELINE_HOME", inside("file/below").c_str(), 1);
  const auto paths = Paths::open_default();
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().to_string(), "failed to create the state directory " +
                                           inside("file/below").string() + ": Not a directory");
  EXPECT_EQ(paths.error().hint(), "set PIPELINE_HOME to a directory that you can write to");
}

TEST_F(StateDirectory, AnUnwritableOneIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::create_directory(inside("locked"));
  fs::permissions(inside("locked"), fs::perms::owner_read);
  ::setenv("PIPELINE_HOME", inside("locked").c_str(), 1);
  const auto paths = Paths::open_default();
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().kind(), ErrorKind::permission);
  EXPECT_TRUE(paths.error().hint());
}

TEST(Paths, AJobsDirectoryIsASafeAndDistinctName) {
  const Paths paths("/s");
  EXPECT_EQ(paths.job(7, "unit", 2), "/s/runs/7/jobs/unit.2");
  const fs::path cell = paths.job(7, "it[database=sqlite]", 1);
  EXPECT_EQ(cell.parent_path(), "/s/runs/7/jobs");
  EXPECT_TRUE(cell.filename().string().starts_with("it-database-sqlite--"));
  EXPECT_NE(cell, paths.job(7, "it-database-sqlite-", 1));
  EXPECT_NE(cell, paths.job(7, "it[database,sqlite]", 1));
  EXPECT_EQ(paths.job(7, "../../etc", 1).parent_path(), "/s/runs/7/jobs");
}

}  // namespace
}  // namespace pipeline::store
