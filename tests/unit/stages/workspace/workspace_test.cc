#include "stages/workspace/workspace.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "stages/workspace/materialise.h"
#include "stages/workspace/merged_view.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::workspace {
namespace {

namespace fs = std::filesystem;

TEST(WorkspaceRoom, AnOverlayWorkspaceIsEmptyAndNamesItsLayers) {
  const support::TemporaryDirectory dir;
  fs::create_directories(dir.path() / "source");
  WorkspaceRoom room(dir.path() / "work");
  auto workspace = room.make("unit.1", {dir.path() / "source"}, Assembly::overlay);
  ASSERT_TRUE(workspace) << workspace.error().to_string();
  EXPECT_TRUE(fs::is_empty(workspace->upper()));
  EXPECT_TRUE(fs::is_empty(workspace->scratch()));
  EXPECT_EQ(workspace->mounted_layers().size(), 1U);
  EXPECT_FALSE(workspace->leftovers().complete);
}

TEST(WorkspaceRoom, ACopiedWorkspaceHoldsEverything) {
  const support::TemporaryDirectory dir;
  dir.write("source/a", "1");
  dir.write("source/dir/b", "1");
  dir.write("layer/a", "2");
  fs::create_symlink("a", dir.path() / "source/link");
  WorkspaceRoom room(dir.path() / "work");
  auto workspace =
      room.make("unit.1", {dir.path() / "source", dir.path() / "layer"}, Assembly::copied);
  ASSERT_TRUE(workspace) << workspace.error().to_string();
  EXPECT_TRUE(workspace->mounted_layers().empty());
  EXPECT_TRUE(workspace->leftovers().complete);
  std::ofstream(workspace->upper() / "dir/b") << "changed";
  EXPECT_EQ(dir.read("source/dir/b"), "1");
  std::ifstream in(workspace->upper() / "a");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "2");
  EXPECT_TRUE(fs::is_symlink(workspace->upper() / "link"));
}

TEST(WorkspaceRoom, DisposesOfWhateverTheJobLeft) {
  const support::TemporaryDirectory dir;
  {
    WorkspaceRoom room(dir.path() / "work");
    auto workspace = room.make("unit.1", {}, Assembly::overlay);
    ASSERT_TRUE(workspace);
    fs::create_directories(workspace->upper() / "locked/inner");
    std::ofstream(workspace->upper() / "locked/inner/file") << "1";
    fs::permissions(workspace->upper() / "locked/inner", fs::perms::none);
    fs::permissions(workspace->upper() / "locked", fs::perms::none);
    fs::create_directories(workspace->scratch() / "work");
    fs::permissions(workspace->scratch() / "work", fs::perms::none);
    room.dispose(*std::move(workspace));
  }
  EXPECT_TRUE(fs::is_empty(dir.path() / "work"));
}

TEST(WorkspaceRoom, RemovesADirectoryTooDeepForAPath) {
  const support::TemporaryDirectory dir;
  {
    WorkspaceRoom room(dir.path() / "work");
    auto workspace = room.make("unit.1", {}, Assembly::overlay);
    ASSERT_TRUE(workspace);
    const pid_t child = ::fork();
    if (child == 0) {
      int code = ::chdir(workspace->upper().c_str());
      const std::string name(200, 'd');
      for (int i = 0; code == 0 && i < 1000; ++i)
        code = ::mkdir(name.c_str(), 0755) != 0 || ::chdir(name.c_str()) != 0 ? 1 : 0;
      ::_exit(code);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    room.dispose(*std::move(workspace));
  }
  EXPECT_TRUE(fs::is_empty(dir.path() / "work"));
}

TEST(WorkspaceRoom, KeepLeavesIt) {
  const support::TemporaryDirectory dir;
  fs::path kept;
  {
    WorkspaceRoom room(dir.path() / "work");
    auto workspace = room.make("unit.1", {}, Assembly::overlay);
    ASSERT_TRUE(workspace);
    kept = *workspace->keep();
    room.dispose(*std::move(workspace));
  }
  const WorkspaceRoom next(dir.path() / "work");
  EXPECT_TRUE(fs::is_directory(kept / "upper"));
}

TEST(WorkspaceRoom, SweepsWhatAKilledProcessLeftAndNothingElse) {
  const support::TemporaryDirectory dir;
  fs::create_directories(dir.path() / "work/job-dead-1-1/upper");
  WorkspaceRoom first(dir.path() / "work");
  EXPECT_FALSE(fs::exists(dir.path() / "work/job-dead-1-1"));
  auto living = first.make("unit.1", {}, Assembly::overlay);
  ASSERT_TRUE(living);
  const WorkspaceRoom second(dir.path() / "work");
  EXPECT_TRUE(fs::exists(living->upper()));
}

// The view against the kernel's own overlayfs, wherever that can be mounted.
TEST(MergedViewContract, SeesWhatOverlayfsShows) {
  const support::TemporaryDirectory dir;
  for (const char* name : {"upper", "scratch", "mount"}) fs::create_directories(dir.path() / name);
  dir.write("low/keep", "1");
  dir.write("low/gone/deep", "1");
  dir.write("low/dir/a", "1");
  dir.write("low/again/old", "1");
  dir.write("high/dir/b", "2");
  dir.write("high/file-or-dir", "2");
  const std::string options = "lowerdir=" + (dir.path() / "high").string() + ":" +
                              (dir.path() / "low").string() +
                              ",upperdir=" + (dir.path() / "upper").string() +
                              ",workdir=" + (dir.path() / "scratch").string();
  const fs::path mount = dir.path() / "mount";
  if (::mount("overlay", mount.c_str(), "overlay", 0, options.c_str()) != 0)
    GTEST_SKIP() << "overlayfs cannot be mounted here";
  fs::remove_all(mount / "gone");
  fs::remove_all(mount / "again");
  fs::create_directories(mount / "again");
  dir.write("mount/again/new", "3");
  fs::remove(mount / "file-or-dir");
  dir.write("mount/file-or-dir/inside", "3");
  dir.write("mount/dir/a", "changed");
  std::vector<std::string> seen;
  for (const auto& entry : fs::recursive_directory_iterator(mount))
    seen.push_back(entry.path().lexically_relative(mount).string());
  std::ranges::sort(seen);
  ASSERT_EQ(::umount(mount.c_str()), 0);

  const auto view =
      MergedView::open({dir.path() / "low", dir.path() / "high", dir.path() / "upper"});
  ASSERT_TRUE(view);
  const auto entries = view->list("");
  ASSERT_TRUE(entries);
  std::vector<std::string> ours;
  for (const ViewEntry& entry : *entries) ours.push_back(entry.path);
  EXPECT_EQ(ours, seen);
}

}  // namespace
}  // namespace pipeline::workspace
