#include "stages/host/remove.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "stages/host/unique_fd.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::host {
namespace {

namespace fs = std::filesystem;

class Remove : public testing::Test {
 protected:
  void remove() const {
    const auto removed = host::remove_all(root());
    ASSERT_TRUE(removed) << removed.error().to_string();
    EXPECT_FALSE(fs::exists(fs::symlink_status(root())));
  }
  fs::path root() const { return directory_.path() / "root"; }
  void write(const std::string& name) const {
    fs::create_directories((root() / name).parent_path());
    std::ofstream(root() / name) << "x";
  }
  // Deeper than any path can say.
  void nest(const fs::path& top, int levels) const {
    fs::create_directories(top);
    UniqueFd here(::open(top.c_str(), O_RDONLY | O_DIRECTORY));
    for (int level = 0; level < levels; ++level) {
      const std::string name(100, 'd');
      ASSERT_EQ(::mkdirat(here.get(), name.c_str(), 0755), 0);
      const UniqueFd file(::openat(here.get(), "file", O_WRONLY | O_CREAT, 0644));
      here.reset(::openat(here.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    }
  }

  support::TemporaryDirectory directory_;
};

TEST_F(Remove, NothingIsSuccess) {
  remove();
}

TEST_F(Remove, AFileAndASymlinkButNotItsTarget) {
  std::ofstream(directory_.path() / "kept") << "x";
  std::ofstream(root()) << "x";
  remove();
  fs::create_symlink(directory_.path() / "kept", root());
  remove();
  write("a/b");
  fs::create_directory_symlink(directory_.path(), root() / "a/out");
  remove();
  EXPECT_TRUE(fs::exists(directory_.path() / "kept"));
}

TEST_F(Remove, DirectoriesThatForbidTheirOwnReading) {
  write("a/b/c");
  fs::permissions(root() / "a/b", fs::perms::none);
  fs::permissions(root() / "a", fs::perms::owner_read);
  remove();
}

TEST_F(Remove, MoreLevelsThanDescriptorsWouldAllow) {
  nest(root(), 700);
  remove();
}

// A job can guess the names that directories are moved up to.
TEST_F(Remove, NamesInTheWayOfDirectoriesThatAreMovedUp) {
  write(".lifted-0/full");
  write(".lifted-1");
  fs::create_symlink("nowhere", root() / ".lifted-2");
  fs::create_directories(root() / ".lifted-3");
  nest(root() / "a", 350);
  nest(root() / ".lifted-4", 350);
  remove();
}

// Removed while they are read: none is passed over for good.
TEST_F(Remove, AsManyFilesAsThereAre) {
  fs::create_directories(root() / "many");
  const UniqueFd many(::open((root() / "many").c_str(), O_RDONLY | O_DIRECTORY));
  const std::string tail(200, 'n');
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_EQ(::symlinkat("x", many.get(), (std::to_string(i) + tail).c_str()), 0);
  }
  remove();
}

}  // namespace
}  // namespace pipeline::host
