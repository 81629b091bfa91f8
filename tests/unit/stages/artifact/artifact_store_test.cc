#include "stages/artifact/artifact_store.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "stages/artifact/selection.h"
#include "stages/host/file.h"
#include "stages/host/hash.h"
#include "stages/host/job_user.h"
#include "tests/support/property.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::artifact {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kPlenty = 1U << 30U;

std::vector<std::string> paths_in(const fs::path& root) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    paths.push_back(entry.path().lexically_relative(root).string());
  std::ranges::sort(paths);
  return paths;
}

class ArtifactStoreTest : public testing::Test {
 protected:
  ArtifactStoreTest() { fs::create_directories(work("")); }

  fs::path work(const std::string& name) const { return dir.path() / "work" / name; }
  void write(const std::string& name, std::string_view content) const {
    dir.write("work/" + name, content);
  }
  base::Result<Packed> put(const std::vector<std::string>& globs,
                           std::uint64_t max = kPlenty) const {
    EXPECT_TRUE(host::give_tree_to_job_user(work("")));
    return store.put(*workspace::MergedView::open({work("")}), globs, max);
  }
  std::string refusal(const std::vector<std::string>& globs, std::uint64_t max = kPlenty) const {
    const auto packed = put(globs, max);
    if (packed) return "not refused";
    EXPECT_EQ(packed.error().kind(), ErrorKind::failed);
    std::error_code ignored;
    EXPECT_TRUE(fs::is_empty(dir.path() / "artifacts", ignored) || ignored);
    return packed.error().to_string();
  }
  std::vector<std::string> round_trip(const std::vector<std::string>& globs) const {
    const auto packed = put(globs);
    if (!packed) throw std::runtime_error(packed.error().to_string());
    return paths_in(*store.unpacked(packed->digest));
  }

  support::TemporaryDirectory dir;
  ArtifactStore store{dir.path() / "artifacts"};
};

TEST_F(ArtifactStoreTest, ShowsAnObserverAllThatItPacks) {
  write("d/a", "content of a");
  write("d/big", std::string(700'000, 'x'));
  fs::create_symlink("a", work("d/link"));
  EXPECT_TRUE(host::give_tree_to_job_user(work("")));
  std::map<std::string, std::string> seen;
  std::string path;
  const PackObserver observer = {[&](std::string_view entry) { seen[path = entry]; },
                                 [&](std::string_view bytes) { seen[path] += bytes; }};
  const auto view = workspace::MergedView::open({work("")});
  const auto observed = store.put(*view, {"d"}, kPlenty, observer);
  ASSERT_TRUE(observed) << observed.error().to_string();
  EXPECT_EQ(seen, (std::map<std::string, std::string>{{"d", ""},
                                                      {"d/a", "content of a"},
                                                      {"d/big", std::string(700'000, 'x')},
                                                      {"d/link", "a"}}));
  EXPECT_EQ(put({"d"})->digest, observed->digest) << "looking changes nothing";
}

TEST_F(ArtifactStoreTest, PacksWhatTheGlobsMean) {
  write("dist/bin/app", "1");
  write("dist/doc/a.md", "1");
  write("other/x", "1");
  write("README", "1");
  EXPECT_THAT(round_trip({"dist/**"}),
              ElementsAre("dist", "dist/bin", "dist/bin/app", "dist/doc", "dist/doc/a.md"));
  EXPECT_THAT(round_trip({"dist/*/app", "README"}),
              ElementsAre("README", "dist", "dist/bin", "dist/bin/app"));
  EXPECT_THAT(round_trip({"dist/doc/"}), ElementsAre("dist", "dist/doc", "dist/doc/a.md"));
}

TEST_F(ArtifactStoreTest, KeepsContentExecBitsSymlinksAndEmptyDirectories) {
  write("d/run", "#!/bin/sh\n");
  fs::permissions(work("d/run"), fs::perms(0700));
  write("d/data", std::string(1'000'000, 'x'));
  fs::create_symlink("data", work("d/link"));
  fs::create_directories(work("d/empty"));
  const auto packed = put({"d"});
  ASSERT_TRUE(packed) << packed.error().to_string();
  EXPECT_LT(packed->size, 10'000U);
  const auto root = store.unpacked(packed->digest);
  ASSERT_TRUE(root);
  struct stat status {};
  ASSERT_EQ(::stat((*root / "d/run").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  EXPECT_EQ(fs::file_size(*root / "d/data"), 1'000'000U);
  EXPECT_EQ(fs::read_symlink(*root / "d/link"), "data");
  EXPECT_TRUE(fs::is_directory(*root / "d/empty"));
  EXPECT_TRUE(store.verify(packed->digest));
}

TEST_F(ArtifactStoreTest, NamesAreBytes) {
  for (const char* name : {"d/\xc3\xa9", "d/\xff\xfe", "d/ a b ", "d/new\nline", "d/*"})
    write(name, "1");
  write("d/" + std::string(200, 'l') + "/" + std::string(200, 'm'), "1");
  EXPECT_EQ(round_trip({"d"}).size(), 8U);
}

TEST_F(ArtifactStoreTest, SeesTheMergedWorkspace) {
  write("conf/from-source", "1");
  dir.write("upper/conf/from-job", "2");
  const auto view = workspace::MergedView::open({work(""), dir.path() / "upper"});
  ASSERT_TRUE(host::give_tree_to_job_user(dir.path() / "upper"));
  ASSERT_TRUE(host::give_tree_to_job_user(work("")));
  const auto packed = store.put(*view, {"conf/**"}, kPlenty);
  ASSERT_TRUE(packed);
  EXPECT_THAT(paths_in(*store.unpacked(packed->digest)),
              ElementsAre("conf", "conf/from-job", "conf/from-source"));
}

TEST_F(ArtifactStoreTest, SymlinksThatLeadOutAreRefused) {
  write("d/x", "1");
  for (const char* target : {"/etc/passwd", "../../x", "x/../../..", "..//../x"}) {
    fs::remove(work("d/link"));
    fs::create_symlink(target, work("d/link"));
    EXPECT_THAT(refusal({"d/**"}), HasSubstr("\"d/link\" leads out")) << target;
  }
}

TEST_F(ArtifactStoreTest, SymlinkedDirectoriesAreNotEntered) {
  const support::TemporaryDirectory outside;
  outside.write("secret", "s");
  fs::create_directories(work("d"));
  fs::create_symlink(outside.path(), work("d/link"));
  EXPECT_THAT(refusal({"d/link/secret"}), HasSubstr("nothing matches"));
}

TEST_F(ArtifactStoreTest, SpecialFilesAreRefusedByName) {
  fs::create_directories(work("d"));
  ASSERT_EQ(::mkfifo(work("d/pipe").c_str(), 0666), 0);
  EXPECT_THAT(refusal({"d"}), HasSubstr("\"d/pipe\" is a FIFO"));
}

TEST_F(ArtifactStoreTest, ASparseBombIsRefusedByItsSize) {
  write("bomb", "");
  fs::resize_file(work("bomb"), std::uintmax_t{kPlenty} + 1);
  EXPECT_THAT(refusal({"bomb"}), HasSubstr("larger than the disk limit of 1"));
}

TEST_F(ArtifactStoreTest, AnArtifactFromElsewhereIsTakenIfItIsTheOne) {
  write("app", "v1");
  const Packed packed = put({"app"}).value();
  const ArtifactStore there(dir.path() / "there");
  dir.write("arrived", "nonsense");
  const auto refused = there.adopt(packed.digest, dir.path() / "arrived");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  EXPECT_FALSE(there.has(packed.digest));
  fs::copy_file(store.packed_file(packed.digest), dir.path() / "arrived",
                fs::copy_options::overwrite_existing);
  ASSERT_TRUE(there.adopt(packed.digest, dir.path() / "arrived"));
  EXPECT_TRUE(there.has(packed.digest));
  EXPECT_TRUE(there.unpack(packed.digest, dir.path() / "unpacked"));
}

TEST_F(ArtifactStoreTest, EveryGlobMustMatch) {
  write("a", "1");
  const auto packed = put({"a", "missing/**"});
  ASSERT_FALSE(packed);
  EXPECT_THAT(packed.error().to_string(), HasSubstr("nothing matches \"missing/**\""));
  EXPECT_TRUE(packed.error().hint());
}

TEST_F(ArtifactStoreTest, ADamagedArtifactIsNeverUsed) {
  write("a", "1");
  const auto packed = put({"a"});
  ASSERT_TRUE(packed);
  {
    std::fstream file(store.packed_file(packed->digest), std::ios::in | std::ios::out);
    file.seekp(10);
    file.put('?');
  }
  const auto verified = store.verify(packed->digest);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind(), ErrorKind::corrupt);
  EXPECT_TRUE(verified.error().hint());
  EXPECT_FALSE(store.unpacked(packed->digest));
  EXPECT_FALSE(fs::exists(dir.path() / "artifacts" / packed->digest.hex()));
  // Making it again heals it.
  ASSERT_TRUE(put({"a"}));
  EXPECT_TRUE(store.unpacked(packed->digest));
}

TEST_F(ArtifactStoreTest, AnUnpackedCopyThatWasDamagedIsMadeAgain) {
  write("d/a", "first");
  write("d/b", "second");
  const auto packed = put({"d"});
  ASSERT_TRUE(packed);
  const fs::path root = *store.unpacked(packed->digest);
  const auto made = fs::last_write_time(root / "d/a");
  const std::vector<std::pair<const char*, std::function<void()>>> damages = {
      {"truncated", [&] { std::ofstream(root / "d/a", std::ios::trunc).flush(); }},
      {"other bytes, as many",
       [&] {
         std::ofstream(root / "d/a") << "FIRST";
         fs::last_write_time(root / "d/a", made + std::chrono::seconds(1));
       }},
      {"removed", [&] { fs::remove(root / "d/b"); }},
      {"added", [&] { std::ofstream(root / "more") << "x"; }},
      {"emptied", [&] { fs::remove_all(root / "d"); }},
      {"all of it removed", [&] { fs::remove_all(root); }}};
  for (const auto& [how, damage] : damages) {
    damage();
    const auto again = store.unpacked(packed->digest);
    ASSERT_TRUE(again) << how << ": " << again.error().to_string();
    EXPECT_THAT(paths_in(*again), ElementsAre("d", "d/a", "d/b")) << how;
    EXPECT_EQ(*host::read_file(*again / "d/a"), "first") << how;
  }
}

TEST_F(ArtifactStoreTest, AnUnpackedCopyIsSharedWhileItIsWhole) {
  write("a", "1");
  const auto packed = put({"a"});
  ASSERT_TRUE(packed);
  const auto inode = [&] {
    struct stat status {};
    EXPECT_EQ(::stat((*store.unpacked(packed->digest) / "a").c_str(), &status), 0);
    return status.st_ino;
  };
  const auto first = inode();
  EXPECT_EQ(inode(), first);
  // What another boot says counts for nothing.
  dir.write("artifacts/" + packed->digest.hex() + ".seal", "of another boot\n");
  fs::rename(store.packed_file(packed->digest), dir.path() / "away");
  EXPECT_FALSE(store.unpacked(packed->digest)) << "nothing to make it again from";
  fs::rename(dir.path() / "away", store.packed_file(packed->digest));
  EXPECT_EQ(*host::read_file(*store.unpacked(packed->digest) / "a"), "1");
}

TEST_F(ArtifactStoreTest, KnowsWhetherThePackedBytesAreWhole) {
  write("a", "1");
  const auto packed = put({"a"});
  ASSERT_TRUE(packed);
  EXPECT_TRUE(store.has(packed->digest));
  const fs::path file = store.packed_file(packed->digest);
  const std::string bytes = *host::read_file(file);
  for (const std::string& damage : {bytes.substr(0, bytes.size() / 2), std::string()}) {
    std::ofstream(file, std::ios::trunc) << damage;
    EXPECT_FALSE(store.has(packed->digest));
  }
  std::ofstream(file, std::ios::trunc) << bytes;
  EXPECT_TRUE(store.has(packed->digest)) << "its bytes are looked at, not only its times";
  fs::remove(file);
  EXPECT_FALSE(store.has(packed->digest));
}

TEST_F(ArtifactStoreTest, LeavesAloneWhatAUserHasBesideTheDestination) {
  write("a", "1");
  const auto packed = put({"a"});
  ASSERT_TRUE(packed);
  dir.write("mine/.unpacking-notes/kept", "1");
  ASSERT_TRUE(store.unpack(packed->digest, dir.path() / "mine/demo"));
  EXPECT_THAT(paths_in(dir.path() / "mine"),
              ElementsAre(".unpacking-notes", ".unpacking-notes/kept", "demo", "demo/a"));
}

TEST_F(ArtifactStoreTest, AnUnknownArtifactIsNotFound) {
  const auto verified = store.verify(*base::Digest::parse(std::string(64, 'a')));
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind(), ErrorKind::not_found);
  EXPECT_TRUE(verified.error().hint());
}

TEST_F(ArtifactStoreTest, UnpacksToADestinationOnce) {
  write("a", "1");
  const auto packed = put({"a"});
  ASSERT_TRUE(packed);
  const fs::path destination = dir.path() / "releases/1";
  ASSERT_TRUE(store.unpack(packed->digest, destination));
  EXPECT_THAT(paths_in(destination), ElementsAre("a"));
  const auto again = store.unpack(packed->digest, destination);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::already_exists);
  EXPECT_THAT(paths_in(dir.path() / "releases"), ElementsAre("1", "1/a"));
}

TEST_F(ArtifactStoreTest, ManyThreadsUnpackOne) {
  for (int i = 0; i < 50; ++i) write("d/" + std::to_string(i), "1");
  const auto packed = put({"d"});
  ASSERT_TRUE(packed);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads(8);
  for (auto& thread : threads)
    thread = std::thread([&] {
      const auto root = store.unpacked(packed->digest);
      if (root && paths_in(*root).size() == 51) ++good;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
}

// Archives that pack() would never write, named by their own digest as an attacker would.
class HostileArchive : public ArtifactStoreTest {
 protected:
  struct Entry {
    std::string path{};
    unsigned type = AE_IFREG;
    std::string target{};
    bool hard_link = false;
  };
  static Entry file(const std::string& path) { return {.path = path}; }
  static Entry link(const std::string& path, const std::string& target) {
    return {.path = path, .type = AE_IFLNK, .target = target};
  }
  static Entry special(const std::string& path, unsigned type) {
    return {.path = path, .type = type};
  }

  base::Result<fs::path> unpack(const std::vector<Entry>& entries) {
    const fs::path file = dir.path() / "hostile";
    archive* out = ::archive_write_new();
    ::archive_write_set_format_pax(out);
    ::archive_write_add_filter_zstd(out);
    ::archive_write_open_filename(out, file.c_str());
    for (const Entry& e : entries) {
      archive_entry* entry = ::archive_entry_new();
      ::archive_entry_set_pathname(entry, e.path.c_str());
      ::archive_entry_set_filetype(entry, e.type);
      ::archive_entry_set_perm(entry, 0777);
      ::archive_entry_set_size(entry, e.type == AE_IFREG && !e.hard_link ? 1 : 0);
      if (e.hard_link) ::archive_entry_set_hardlink(entry, e.target.c_str());
      if (e.type == AE_IFLNK) ::archive_entry_set_symlink(entry, e.target.c_str());
      ::archive_write_header(out, entry);
      if (e.type == AE_IFREG && !e.hard_link) ::archive_write_data(out, "x", 1);
      ::archive_entry_free(entry);
    }
    ::archive_write_close(out);
    ::archive_write_free(out);
    const base::Digest digest = host::sha256(*host::read_file(file));
    fs::create_directories(dir.path() / "artifacts");
    fs::rename(file, store.packed_file(digest));
    return store.unpacked(digest);
  }
};

TEST_F(HostileArchive, NothingIsWrittenOutside) {
  const support::TemporaryDirectory outside;
  const std::string away = outside.path().string();
  const std::vector<std::vector<Entry>> archives = {
      {file(away + "/absolute")},
      {file("../../escape")},
      {file("a/../../../escape")},
      {link("link", away), file("link/through")},
      {link("link", "/")},
      {link("link", "..")},
      {special("d", AE_IFDIR), link("d/l", "d/../../..")},
      {file("a"), {.path = "hard", .target = "/etc/passwd", .hard_link = true}},
      {special("pipe", AE_IFIFO)},
      {special("device", AE_IFCHR)},
      {file("a"), file("a")},
      {file("missing/parent")},
      {special("ok", AE_IFDIR), link("here", "ok"), file("here/file")},
  };
  for (std::size_t i = 0; i < archives.size(); ++i) EXPECT_FALSE(unpack(archives[i])) << i;
  EXPECT_TRUE(fs::is_empty(outside.path()));
  EXPECT_FALSE(fs::exists(dir.path() / "escape"));
  for (const auto& entry : fs::directory_iterator(dir.path() / "artifacts")) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name.ends_with(".tar.zst") || name.ends_with(".seal")) << name;
  }
}

TEST_F(HostileArchive, GarbageIsCorrupt) {
  fs::create_directories(dir.path() / "artifacts");
  const std::string bytes = "this is no archive";
  const base::Digest digest = host::sha256(bytes);
  std::ofstream(store.packed_file(digest)) << bytes;
  const auto root = store.unpacked(digest);
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().kind(), ErrorKind::corrupt);
}

TEST(StaysInside, Examples) {
  EXPECT_TRUE(stays_inside("a", "b"));
  EXPECT_TRUE(stays_inside("a/b/c", "../../d"));
  EXPECT_TRUE(stays_inside("a/b", "./c/./d"));
  EXPECT_FALSE(stays_inside("a", ".."));
  EXPECT_FALSE(stays_inside("a/b", "../.."));
  EXPECT_FALSE(stays_inside("a", "/etc"));
  EXPECT_FALSE(stays_inside("a", ""));
  // If p/q is a symlink to the root, climbing after it leaves the tree.
  EXPECT_FALSE(stays_inside("a", "p/q/../../../etc"));
}

RC_GTEST_PROP(ArtifactDigest, DependsOnContentOnlyAndRoundTrips, ()) {
  static const std::vector<std::string> names = {"a", "b/c", "b/d", "a-b", "e/f/g", "\xc3\xa9"};
  std::map<std::string, std::string> files;
  for (const auto& name : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(names)))
    files[name] = *rc::gen::arbitrary<std::string>();
  RC_PRE(!files.empty());
  const support::TemporaryDirectory dir;
  const ArtifactStore store(dir.path() / "artifacts");
  const auto digest_of = [&](const std::string& where, bool backwards, mode_t mode) {
    std::vector<std::string> order;
    order.reserve(files.size());
    for (const auto& [name, content] : files) order.push_back(name);
    if (backwards) std::ranges::reverse(order);
    for (const std::string& name : order) {
      const fs::path path = dir.write(fs::path(where) / name, files[name]);
      ::chmod(path.c_str(), mode);
      const timespec times[2] = {{mode, 0}, {mode, 0}};
      ::utimensat(AT_FDCWD, path.c_str(), times, 0);
    }
    RC_ASSERT(host::give_tree_to_job_user(dir.path() / where).has_value());
    const auto view = workspace::MergedView::open({dir.path() / where});
    return store.put(*view, {"**"}, kPlenty)->digest;
  };
  const base::Digest first = digest_of("x", false, 0644);
  RC_ASSERT(digest_of("y", true, 0600) == first);
  const auto root = store.unpacked(first);
  RC_ASSERT(root.has_value());
  for (const auto& [name, content] : files) RC_ASSERT(*host::read_file(*root / name) == content);
  files.begin()->second += "!";
  RC_ASSERT(digest_of("z", false, 0644) != first);
}

}  // namespace
}  // namespace pipeline::artifact
