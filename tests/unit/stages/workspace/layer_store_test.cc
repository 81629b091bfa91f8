#include "stages/workspace/layer_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/workspace/merged_view.h"
#include "tests/support/property.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::workspace {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kPlenty = 1U << 30U;

class LayerStoreTest : public testing::Test {
 protected:
  LayerStoreTest() {
    for (const char* name : {"upper", "lower"}) fs::create_directories(dir.path() / name);
  }

  fs::path upper(const std::string& name) const { return dir.path() / "upper" / name; }
  void write(const std::string& name, std::string_view content) const { dir.write(name, content); }
  // A job's files are the job user's.
  void hand_over() const {
    for (const char* name : {"upper", "lower"})
      ASSERT_TRUE(host::give_tree_to_job_user(dir.path() / name));
  }
  base::Result<base::Digest> collect(const std::vector<std::string>& outputs,
                                     Take take = Take::move, std::uint64_t max = kPlenty) const {
    hand_over();
    return store.collect({.lower = {dir.path() / "lower"}, .upper = dir.path() / "upper"}, outputs,
                         max, take);
  }
  std::vector<std::string> paths_in(const base::Digest& digest) const {
    std::vector<std::string> paths;
    const fs::path root = *store.find(digest);
    for (const auto& entry : fs::recursive_directory_iterator(root))
      paths.push_back(entry.path().lexically_relative(root).string());
    std::ranges::sort(paths);
    return paths;
  }
  std::string refusal(const std::vector<std::string>& outputs) const {
    const auto digest = collect(outputs);
    if (digest) return "not refused";
    EXPECT_EQ(digest.error().kind(), ErrorKind::failed);
    // Nothing half-made stays behind.
    std::error_code ignored;
    EXPECT_TRUE(fs::is_empty(dir.path() / "layers", ignored) || ignored);
    return digest.error().to_string();
  }

  support::TemporaryDirectory dir;
  LayerStore store{dir.path() / "layers"};
};

TEST_F(LayerStoreTest, TakesFilesAndDirectories) {
  write("upper/build/a", "1");
  write("upper/build/sub/b", "2");
  write("upper/one/two/file", "3");
  write("upper/other", "4");
  const auto digest = collect({"build", "one/two/file"});
  ASSERT_TRUE(digest) << digest.error().to_string();
  EXPECT_THAT(paths_in(*digest), ElementsAre("build", "build/a", "build/sub", "build/sub/b", "one",
                                             "one/two", "one/two/file"));
  EXPECT_EQ(dir.read("layers/" + digest->hex() + "/build/sub/b"), "2");
}

TEST_F(LayerStoreTest, AnOutputIsWhatTheJobSawNotOnlyWhatItWrote) {
  write("lower/data/old", "1");
  write("lower/data/changed", "1");
  write("upper/data/changed", "2");
  write("upper/data/new", "2");
  const auto digest = collect({"data"});
  ASSERT_TRUE(digest);
  EXPECT_THAT(paths_in(*digest), ElementsAre("data", "data/changed", "data/new", "data/old"));
  EXPECT_EQ(dir.read("layers/" + digest->hex() + "/data/changed"), "2");
  EXPECT_EQ(dir.read("lower/data/changed"), "1");
}

TEST_F(LayerStoreTest, WhatTheJobRemovedStaysRemovedForTheNext) {
  write("lower/data/gone", "1");
  write("lower/data/dir/also", "1");
  write("lower/data/kept", "1");
  fs::create_directories(upper("data"));
  for (const char* name : {"data/gone", "data/dir"})
    ASSERT_EQ(::mknod(upper(name).c_str(), S_IFCHR, ::makedev(0, 0)), 0);
  const auto digest = collect({"data"});
  ASSERT_TRUE(digest) << digest.error().to_string();
  const auto view = MergedView::open({dir.path() / "lower", *store.find(*digest)});
  std::vector<std::string> paths;
  const auto entries = view->list("");
  for (const ViewEntry& entry : *entries) paths.push_back(entry.path);
  EXPECT_THAT(paths, ElementsAre("data", "data/kept"));
}

TEST_F(LayerStoreTest, AnOpaqueDirectoryHidesWhatIsBelow) {
  write("lower/data/hidden", "1");
  write("upper/data/new", "2");
  if (::setxattr(upper("data").c_str(), "user.overlay.opaque", "y", 1, 0) != 0)
    GTEST_SKIP() << "no extended attributes here";
  const auto digest = collect({"data"});
  ASSERT_TRUE(digest);
  EXPECT_FALSE(fs::exists(dir.path() / "layers" / digest->hex() / "data/hidden/x"));
  const auto view = MergedView::open({dir.path() / "lower", *store.find(*digest)});
  EXPECT_FALSE(view->find("data/hidden")->has_value());
  EXPECT_TRUE(view->find("data/new")->has_value());
}

TEST_F(LayerStoreTest, ExecBitsAreKeptOtherModesAreNot) {
  write("upper/x", "1");
  write("upper/y", "1");
  ASSERT_EQ(::chmod(upper("x").c_str(), 0710), 0);
  ASSERT_EQ(::chmod(upper("y").c_str(), 0606), 0);
  const auto digest = collect({"x", "y"});
  ASSERT_TRUE(digest);
  const fs::path root = *store.find(*digest);
  struct stat status {};
  ASSERT_EQ(::stat((root / "x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  EXPECT_EQ(status.st_uid, host::job_user().uid);
  ASSERT_EQ(::stat((root / "y").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
}

TEST_F(LayerStoreTest, ASetuidBitIsNotKept) {
  write("upper/x", "1");
  hand_over();  // which drops the bit: the job sets it
  if (::chmod(upper("x").c_str(), 04755) != 0)
    GTEST_SKIP() << "a job's sandbox lets nobody set this bit";
  const auto digest = store.collect(
      {.lower = {dir.path() / "lower"}, .upper = dir.path() / "upper"}, {"x"}, kPlenty, Take::move);
  ASSERT_TRUE(digest);
  struct stat status {};
  ASSERT_EQ(::stat((*store.find(*digest) / "x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(LayerStoreTest, SymlinksAreKeptAndNeverFollowed) {
  const support::TemporaryDirectory outside;
  outside.write("secret", "s");
  fs::create_directories(upper("out"));
  fs::create_symlink(outside.path() / "secret", upper("out/file"));
  fs::create_symlink(outside.path(), upper("out/dir"));
  fs::create_symlink("../../../../../etc/passwd", upper("out/up"));
  const auto digest = collect({"out"});
  ASSERT_TRUE(digest);
  const fs::path root = *store.find(*digest);
  EXPECT_TRUE(fs::is_symlink(root / "out/file"));
  EXPECT_TRUE(fs::is_symlink(root / "out/dir"));
  EXPECT_EQ(fs::read_symlink(root / "out/up"), "../../../../../etc/passwd");
}

TEST_F(LayerStoreTest, AnOutputBehindASymlinkIsNotMade) {
  const support::TemporaryDirectory outside;
  outside.write("secret", "s");
  fs::create_symlink(outside.path(), upper("link"));
  EXPECT_THAT(refusal({"link/secret"}), HasSubstr("\"link/secret\" was not made"));
}

TEST_F(LayerStoreTest, SpecialFilesAreRefusedByName) {
  fs::create_directories(upper("out"));
  ASSERT_EQ(::mkfifo(upper("out/pipe").c_str(), 0666), 0);
  EXPECT_THAT(refusal({"out"}), HasSubstr("FIFO: \"out/pipe\""));
}

TEST_F(LayerStoreTest, DevicesAreRefusedByName) {
  fs::create_directories(upper("out"));
  if (::mknod(upper("out/null").c_str(), S_IFCHR | 0666, ::makedev(1, 3)) != 0)
    GTEST_SKIP() << "devices cannot be made here";
  EXPECT_THAT(refusal({"out"}), HasSubstr("character device: \"out/null\""));
}

TEST_F(LayerStoreTest, HardLinksAreCopied) {
  write("upper/outside", "1");
  fs::create_directories(upper("out"));
  fs::create_hard_link(upper("outside"), upper("out/link"));
  ASSERT_EQ(::chmod(upper("outside").c_str(), 0600), 0);
  const auto digest = collect({"out"});
  ASSERT_TRUE(digest);
  struct stat status {};
  ASSERT_EQ(::stat((*store.find(*digest) / "out/link").c_str(), &status), 0);
  EXPECT_EQ(status.st_nlink, 1U);
  ASSERT_EQ(::stat(upper("outside").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(LayerStoreTest, ASparseBombIsRefusedByItsSize) {
  write("upper/out/bomb", "");
  fs::resize_file(upper("out/bomb"), std::uintmax_t{kPlenty} + 1);
  EXPECT_THAT(refusal({"out"}), HasSubstr("larger than the disk limit"));
}

TEST_F(LayerStoreTest, PathsThatLeaveTheWorkspaceAreRefused) {
  for (const char* path : {"..", "../x", "/etc/passwd", "a/../../b", "", ".", "a//b"})
    EXPECT_FALSE(collect({path})) << path;
}

TEST_F(LayerStoreTest, AMissingOutputIsNamed) {
  EXPECT_THAT(refusal({"build/app"}), HasSubstr("output \"build/app\" was not made"));
}

TEST_F(LayerStoreTest, NestingHasALimit) {
  std::string deep = "out";
  for (int i = 0; i < 300; ++i) deep += "/d";
  fs::create_directories(upper(deep));
  EXPECT_THAT(refusal({"out"}), HasSubstr("nested"));
}

TEST_F(LayerStoreTest, WhatTheJobMadeUnreadableIsRefusedForRootToo) {
  write("upper/out", "1");
  ASSERT_EQ(::chmod(upper("out").c_str(), 0), 0);
  EXPECT_THAT(refusal({"out"}), HasSubstr("\"out\": its permissions forbid it"));
}

TEST_F(LayerStoreTest, CopyLeavesTheWorkspaceAsItIs) {
  write("upper/out/a", "1");
  ASSERT_TRUE(collect({"out"}, Take::copy));
  EXPECT_EQ(dir.read("upper/out/a"), "1");
}

TEST_F(LayerStoreTest, AnUnknownLayerIsNotFound) {
  const auto digest = base::Digest::parse(std::string(64, 'a'));
  const auto found = store.find(*digest);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind(), ErrorKind::not_found);
}

// As after a power cut: what was not synced may be anything, and its name still there.
TEST_F(LayerStoreTest, InALaterBootADamagedLayerIsNotThereAndCanBeMadeAgain) {
  const std::vector<std::pair<const char*, std::function<void(const fs::path&)>>> damages = {
      {"truncated", [](const fs::path& at) { fs::resize_file(at / "out/a", 0); }},
      {"other bytes", [](const fs::path& at) { std::ofstream(at / "out/a") << "X"; }},
      {"a file less", [](const fs::path& at) { fs::remove(at / "out/x"); }},
      {"a file more", [](const fs::path& at) { std::ofstream(at / "out/new") << "1"; }},
      {"not executable",
       [](const fs::path& at) { fs::permissions(at / "out/x", fs::perms::owner_read); }},
      {"another target",
       [](const fs::path& at) {
         fs::remove(at / "out/link");
         fs::create_symlink("x", at / "out/link");
       }},
      {"a whiteout less", [](const fs::path& at) { fs::remove(at / "out/gone"); }}};
  for (const auto& [how, damage] : damages) {
    const auto make = [&] {
      write("lower/out/gone", "1");
      write("upper/out/a", "1");
      write("upper/out/x", "2");
      fs::permissions(upper("out/x"), fs::perms(0755));
      fs::create_symlink("a", upper("out/link"));
      EXPECT_EQ(::mknod(upper("out/gone").c_str(), S_IFCHR, ::makedev(0, 0)), 0);
      const auto made = collect({"out"});
      fs::remove_all(dir.path() / "upper/out");
      return *made;
    };
    const base::Digest digest = make();
    const fs::path seal = dir.path() / "layers" / (digest.hex() + ".seal");
    std::ofstream(seal) << "another boot\nwhole\n";
    EXPECT_TRUE(store.find(digest)) << how << ": not damaged yet";
    damage(*store.find(digest));
    std::ofstream(seal) << "another boot\nwhole\n";
    const auto found = store.find(digest);
    ASSERT_FALSE(found) << how;
    EXPECT_EQ(found.error().kind(), ErrorKind::not_found);
    EXPECT_THAT(found.error().to_string(), HasSubstr("were damaged, and were removed"));
    EXPECT_FALSE(fs::exists(dir.path() / "layers" / digest.hex())) << how;
    EXPECT_EQ(make(), digest) << how;
    EXPECT_TRUE(store.find(digest)) << how;
  }
}

TEST_F(LayerStoreTest, CollectingReplacesADamagedLayer) {
  write("upper/a", "1");
  const auto digest = collect({"a"});
  ASSERT_TRUE(digest);
  std::ofstream(dir.path() / "layers" / digest->hex() / "a") << "damaged";
  fs::remove(dir.path() / "layers" / (digest->hex() + ".seal"));
  write("upper/a", "1");
  EXPECT_EQ(collect({"a"}), digest);
  EXPECT_EQ(*host::read_file(*store.find(*digest) / "a"), "1");
}

TEST_F(LayerStoreTest, ManyThreadsCollectTheSame) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    const std::string mine = "job" + std::to_string(i);
    write(mine + "/out/a", "same");
    ASSERT_TRUE(host::give_tree_to_job_user(dir.path() / mine));
    threads.emplace_back([&, mine] {
      const auto digest =
          store.collect({.lower = {}, .upper = dir.path() / mine}, {"out"}, kPlenty, Take::move);
      if (digest && fs::exists(*store.find(*digest) / "out/a")) ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path() / "layers"), {}), 2)
      << "the layer and its seal";
}

struct File {
  std::string path;
  std::string content;
  bool executable = false;
};

RC_GTEST_PROP(LayerDigest, DependsOnContentOnly, ()) {
  static const std::vector<std::string> names = {"a", "b/c", "b/d", "a-b", "e/f/g", "\xc3\xa9"};
  std::map<std::string, File> files;
  for (const auto& name : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(names)))
    files[name] = {name, *rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<bool>()};
  const support::TemporaryDirectory dir;
  const LayerStore store(dir.path() / "layers");
  const auto layer_of = [&](const std::string& where, bool backwards, int mtime) {
    fs::create_directories(dir.path() / where / "out");
    const auto make = [&](const File& file) {
      const fs::path path = dir.write(where + "/out/" + file.path, file.content);
      fs::permissions(path, file.executable ? fs::perms(0711) : fs::perms(0640));
      const timespec times[2] = {{mtime, 0}, {mtime, 0}};
      ::utimensat(AT_FDCWD, path.c_str(), times, 0);
    };
    if (backwards)
      for (auto file = files.rbegin(); file != files.rend(); ++file) make(file->second);
    else
      for (const auto& [path, file] : files) make(file);
    RC_ASSERT(host::give_tree_to_job_user(dir.path() / where).has_value());
    return *store.collect({.lower = {}, .upper = dir.path() / where}, {"out"}, kPlenty, Take::move);
  };
  const base::Digest first = layer_of("x", false, 1);
  RC_ASSERT(layer_of("y", true, 1000000) == first);
  if (files.empty()) return;
  File& changed = files.begin()->second;
  if (*rc::gen::arbitrary<bool>())
    changed.content += "!";
  else
    changed.executable = !changed.executable;
  RC_ASSERT(layer_of("z", false, 1) != first);
}

}  // namespace
}  // namespace pipeline::workspace
