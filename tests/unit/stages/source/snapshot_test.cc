#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "stages/host/file.h"
#include "tests/support/property.h"
#include "tests/unit/stages/source/source_fixture.h"

namespace pipeline::source {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Names, sizes and times of everything below a directory.
std::set<std::string> state_of(const fs::path& directory) {
  std::set<std::string> state;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat status {};
    ::lstat(entry.path().c_str(), &status);
    state.insert(entry.path().string() + " " + std::to_string(status.st_size) + " " +
                 std::to_string(status.st_mtim.tv_sec) + "." +
                 std::to_string(status.st_mtim.tv_nsec));
  }
  return state;
}

TEST_F(SourceTest, CleanTreeIsTheCommitsTree) {
  repository.write("a.txt", "a");
  const std::string commit = repository.commit();
  const Revision revision = snapshot();
  EXPECT_EQ(revision.commit, commit);
  EXPECT_EQ(revision.tree, repository.git("rev-parse HEAD^{tree}"));
  EXPECT_EQ(revision.branch, "main");
  EXPECT_FALSE(revision.dirty);
  EXPECT_THAT(revision.warnings, IsEmpty());
}

TEST_F(SourceTest, TakesModifiedUntrackedAndDeletedButNotIgnored) {
  repository.write(".gitignore", "*.o\nbuild/\n");
  repository.write("keep", "1");
  repository.write("gone", "1");
  repository.write("dir/file", "1");
  repository.commit();
  repository.write("keep", "22");
  repository.write("new", "1");
  repository.write("x.o", "ignored");
  repository.write("build/y", "ignored");
  fs::remove(repository.path() / "gone");
  fs::remove_all(repository.path() / "dir");
  repository.write("dir", "a file now");
  fs::permissions(repository.path() / "new", fs::perms::owner_exec, fs::perm_options::add);
  fs::create_symlink("../outside", repository.path() / "link");

  const Revision revision = snapshot();
  EXPECT_EQ(revision.tree, repository.tree_of_working_tree());
  EXPECT_TRUE(revision.dirty);
  std::vector<std::string> paths;
  const auto files = source->list_files(revision, "");
  ASSERT_TRUE(files);
  for (const auto& entry : *files) paths.push_back(entry.path);
  EXPECT_THAT(paths, ElementsAre(".gitignore", "dir", "keep", "link", "new"));
}

TEST_F(SourceTest, ForcedIgnoredFilesStay) {
  repository.write(".gitignore", "*.o\n");
  repository.write("forced.o", "1");
  repository.git("add -f forced.o");
  repository.commit();
  repository.write("forced.o", "changed");
  EXPECT_EQ(snapshot().tree, repository.tree_of_working_tree());
}

TEST_F(SourceTest, LeavesTheRepositoryAsItIs) {
  repository.write("a", "1");
  repository.write("deep/er/b", "1");
  repository.commit();
  repository.git("gc -q");
  repository.write("a", "2");
  repository.write("c", "2");
  const auto before = state_of(repository.path());
  snapshot();
  snapshot();
  EXPECT_EQ(state_of(repository.path()), before);
}

TEST_F(SourceTest, StagedContentIsTakenAsTheFileStands) {
  repository.write("a", "1");
  repository.commit();
  repository.write("a", "staged");
  repository.git("add a");
  repository.write("a", "working");
  EXPECT_EQ(*source->read_file(snapshot(), "a"), "working");
}

TEST_F(SourceTest, ConflictedMergeIsTakenAsTheFilesStand) {
  repository.write("a", "1");
  repository.commit();
  repository.git("checkout -q -b other");
  repository.write("a", "other");
  repository.commit();
  repository.git("checkout -q main");
  repository.write("a", "main");
  repository.commit();
  repository.git("merge other || true");
  EXPECT_EQ(snapshot().tree, repository.tree_of_working_tree());
}

TEST_F(SourceTest, BeforeTheFirstCommit) {
  repository.write("a", "1");
  const Revision revision = snapshot();
  EXPECT_EQ(revision.commit, "");
  EXPECT_EQ(revision.branch, "main");
  EXPECT_TRUE(revision.dirty);
  EXPECT_EQ(revision.tree, repository.tree_of_working_tree());
}

TEST_F(SourceTest, DetachedHeadAndTag) {
  repository.write("a", "1");
  repository.commit();
  repository.git("tag v1");
  repository.git("tag -a -m annotated v2");
  repository.git("checkout -q --detach");
  const Revision revision = snapshot();
  EXPECT_EQ(revision.branch, "");
  EXPECT_EQ(revision.tag, "v2");
}

TEST_F(SourceTest, SubmodulesAreNamed) {
  const support::GitRepository other;
  other.write("x", "1");
  other.commit();
  repository.git("submodule --quiet add '" + other.path().string() + "' third/party");
  repository.commit();
  const Revision revision = snapshot();
  EXPECT_THAT(revision.submodules, ElementsAre("third/party"));
  EXPECT_EQ(revision.tree, repository.tree_of_working_tree());
  EXPECT_THAT(revision.warnings, IsEmpty());
}

TEST_F(SourceTest, SubmodulesThatWereNotFetchedStayInTheTree) {
  const support::GitRepository other;
  other.write("x", "1");
  other.commit();
  repository.git("submodule --quiet add '" + other.path().string() + "' sub");
  repository.commit();
  const support::TemporaryDirectory parent;
  const fs::path clone = parent.path() / "clone";
  repository.git("clone -q . '" + clone.string() + "'");
  std::ofstream(clone / "new") << "1";
  const auto revision = source->snapshot(clone);
  ASSERT_TRUE(revision) << revision.error().to_string();
  EXPECT_THAT(revision->submodules, ElementsAre("sub"));
  EXPECT_EQ(revision->tree,
            support::shell("cd '" + clone.string() + "' && git add -A && git write-tree"));
}

TEST_F(SourceTest, UnusualIndexesAreReadOrRefusedWithTheNextStep) {
  repository.write("in/a", "1");
  repository.write("out/b", "1");
  repository.commit();
  for (const std::string setting :
       {"update-index --split-index", "sparse-checkout set --cone --sparse-index in",
        "update-index --untracked-cache", "update-index --index-version 4"}) {
    repository.git(setting);
    repository.write("in/a", setting);
    const auto revision = source->snapshot(repository.path());
    if (revision)
      EXPECT_EQ(revision->tree, repository.tree_of_working_tree()) << setting;
    else
      EXPECT_TRUE(revision.error().hint()) << setting << ": " << revision.error().to_string();
    repository.git("update-index --no-split-index --no-untracked-cache");
    repository.git("sparse-checkout disable");
  }
}

TEST_F(SourceTest, NestedRepositoryIsNamed) {
  repository.write("a", "1");
  repository.commit();
  repository.git("init -q nested");
  repository.write("nested/b", "1");
  repository.git("-C nested add b");
  repository.git("-C nested commit -q -m nested");
  const Revision revision = snapshot();
  EXPECT_EQ(revision.tree, repository.tree_of_working_tree());
  EXPECT_THAT(revision.submodules, ElementsAre("nested"));
  EXPECT_THAT(revision.warnings, IsEmpty()) << "whoever shows them names the submodules";
}

TEST_F(SourceTest, FilesAreReadThroughLinksInTheTree) {
  repository.write("dir/file", "bytes");
  for (const auto& [target, link] :
       std::vector<std::pair<const char*, const char*>>{{"dir/file", "link"},
                                                        {"link", "again"},
                                                        {"../dir/./file", "other/up"},
                                                        {"dir", "folder"},
                                                        {"../outside", "out"},
                                                        {"/etc/passwd", "absolute"},
                                                        {"dir/../../x", "sly"},
                                                        {"loop", "loop"},
                                                        {"nothing", "dangling"}}) {
    fs::create_directories((repository.path() / link).parent_path());
    fs::create_symlink(target, repository.path() / link);
  }
  const Revision revision = snapshot();
  for (const char* path : {"dir/file", "link", "again", "other/up", "folder/file"}) {
    const auto text = source->read_file(revision, path);
    ASSERT_TRUE(text) << path << ": " << text.error().to_string();
    EXPECT_EQ(*text, "bytes") << path;
  }
  for (const char* path : {"out", "absolute", "sly", "loop"}) {
    const auto refused = source->read_file(revision, path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid) << path;
    EXPECT_THAT(refused.error().to_string(), HasSubstr(path));
  }
  for (const char* path : {"dangling", "dir", "dir/none", "link/below", ""}) {
    const auto none = source->read_file(revision, path);
    ASSERT_FALSE(none) << path;
    EXPECT_EQ(none.error().kind(), base::ErrorKind::not_found) << path;
  }
  const auto listed = source->list_files(revision, "folder");
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().path, "folder/file");
}

TEST_F(SourceTest, AFileOfAnySizeIsNotLoaded) {
  std::ofstream(repository.path() / "huge") << "x";
  fs::resize_file(repository.path() / "huge", host::kReadLimit + 1);
  const auto refused = source->read_file(snapshot(), "huge");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::exhausted);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("huge is larger than 64"));
}

// Its objects are borrowed, not copied.
TEST_F(SourceTest, ARepositoryThatLostWhatARunReadFromItIsNamed) {
  repository.write("a", "1");
  repository.commit();
  const Revision revision = snapshot();
  repository.write("a", "2");
  repository.git("commit -q -a --amend -m other");
  repository.git("reflog expire --expire=now --all");
  repository.git("gc -q --prune=now");
  const auto expect_named = [&](const std::string& why) {
    const std::string cause = (repository.path() / ".git").string() + why;
    const auto file = source->read_file(revision, "a");
    const auto files = source->list_files(revision, "");
    const auto tree = source->work_tree(revision.repository, revision.tree);
    ASSERT_FALSE(file || files || tree);
    for (const base::Error& error : {file.error(), files.error(), tree.error()}) {
      EXPECT_THAT(error.to_string(), HasSubstr(cause));
      EXPECT_TRUE(error.hint());
    }
  };
  expect_named(" has pruned objects of this run (git gc)");
  fs::rename(repository.path() / ".git", repository.path() / "gone");
  expect_named(" is not there any more, and this run's files were read from it");
  fs::rename(repository.path() / "gone", repository.path() / ".git");
}

// As a power cut leaves what was not synced: the names are there, the bytes are not.
TEST_F(SourceTest, InALaterBootDamagedObjectsAreWrittenAgain) {
  repository.write("a", "1");
  repository.commit();
  repository.write("a", "2");
  repository.write("b", std::string(10'000, 'b'));
  const Revision revision = snapshot();
  std::vector<fs::path> objects;
  fs::path seal;
  for (const auto& entry : fs::recursive_directory_iterator(state.path() / "mirrors")) {
    if (entry.path().filename().string().size() == 38) objects.push_back(entry.path());
    if (entry.path().filename() == "loose.seal") seal = entry.path();
  }
  ASSERT_EQ(objects.size(), 3U);
  const std::string whole = *host::read_file(objects[0]);
  for (const std::string& damage :
       {std::string(), std::string("nonsense"), whole.substr(0, whole.size() / 2),
        std::string(whole.size(), '\0')}) {
    fs::remove(objects[0]);  // they are read-only
    std::ofstream(objects[0]) << damage;
    std::ofstream(seal) << "another boot\nwhole\n";
    EXPECT_EQ(snapshot().tree, revision.tree);
    for (const char* name : {"a", "b"})
      EXPECT_TRUE(source->read_file(revision, name)) << name << ", " << damage.size();
    EXPECT_EQ(*host::read_file(objects[0]), whole);
  }
}

TEST_F(SourceTest, NestedRepositoryWithoutACommitIsNamed) {
  repository.write("a", "1");
  repository.commit();
  repository.git("init -q nested");
  repository.write("nested/b", "1");
  const Revision revision = snapshot();
  EXPECT_FALSE(revision.dirty);
  EXPECT_THAT(revision.warnings, ElementsAre(HasSubstr("nested")));
}

TEST_F(SourceTest, SparseCheckoutKeepsTheSkippedFilesAndSaysSo) {
  repository.write("in/a", "1");
  repository.write("out/b", "1");
  repository.commit();
  repository.git("sparse-checkout set in");
  ASSERT_FALSE(fs::exists(repository.path() / "out/b"));
  repository.write("in/a", "2");
  const Revision revision = snapshot();
  EXPECT_EQ(revision.tree, repository.tree_of_working_tree());
  EXPECT_THAT(revision.warnings, ElementsAre(HasSubstr("sparse checkout: 1 file")));
}

TEST_F(SourceTest, FromASubdirectoryItIsTheWholeRepository) {
  repository.write("a/b/c", "1");
  repository.commit();
  const auto revision = source->snapshot(repository.path() / "a" / "b");
  ASSERT_TRUE(revision);
  EXPECT_EQ(revision->tree, repository.git("rev-parse HEAD^{tree}"));
  EXPECT_EQ(revision->repository, fs::canonical(repository.path()).string());
}

TEST_F(SourceTest, LinkedWorktree) {
  repository.write("a", "1");
  repository.commit();
  const support::TemporaryDirectory parent;
  repository.git("worktree add -q '" + (parent.path() / "w").string() + "' -b side");
  std::ofstream(parent.path() / "w" / "b") << "2";
  const auto revision = source->snapshot(parent.path() / "w");
  ASSERT_TRUE(revision) << revision.error().to_string();
  EXPECT_EQ(revision->branch, "side");
  EXPECT_EQ(*source->read_file(*revision, "b"), "2");
  EXPECT_EQ(*source->read_file(*revision, "a"), "1");
}

TEST_F(SourceTest, RefusalsSayWhatToDo) {
  const support::TemporaryDirectory plain;
  const auto outside = source->snapshot(plain.path());
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().kind(), base::ErrorKind::invalid);
  EXPECT_THAT(outside.error().to_string(), HasSubstr("is not in a git repository"));
  EXPECT_TRUE(outside.error().hint());

  repository.git("config core.bare true");
  const auto bare = source->snapshot(repository.path());
  ASSERT_FALSE(bare);
  EXPECT_THAT(bare.error().to_string(), HasSubstr("bare"));
  EXPECT_TRUE(bare.error().hint());

  const auto missing = source->snapshot(plain.path() / "nowhere");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("does not exist"));
}

TEST_F(SourceTest, ForeignOwnerIsRefusedWithTheNextStep) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a repository away needs root";
  repository.write("a", "1");
  repository.commit();
  support::shell("chown -R 12345 '" + repository.path().string() + "'");
  const auto revision = source->snapshot(repository.path());
  ASSERT_FALSE(revision);
  EXPECT_EQ(revision.error().kind(), base::ErrorKind::permission);
  EXPECT_THAT(revision.error().hint().value_or(""), HasSubstr("safe.directory"));
}

TEST_F(SourceTest, FifosAreNotFiles) {
  repository.write("a", "1");
  ASSERT_EQ(::mkfifo((repository.path() / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(snapshot().tree, repository.tree_of_working_tree());
}

// A few names below a few directories, so that files, directories and deletions collide.
struct Change {
  std::string path;
  int what = 0;
};

rc::Gen<Change> a_change() {
  static const std::vector<std::string> names = {"a",        "b",     "a/b",  "a/c/d",
                                                 "a-b",      "a.b",   "b/c",  " space",
                                                 "\xc3\xa9", "tab\t", "a\nb", "z/z/z"};
  return rc::gen::construct<Change>(rc::gen::elementOf(names), rc::gen::inRange(0, 5));
}

void carry_out(const fs::path& root, const Change& change) {
  const fs::path path = root / change.path;
  std::error_code ignored;
  for (fs::path up = path; up != root; up = up.parent_path())
    if (fs::is_symlink(up) || (fs::exists(up) && (up == path || !fs::is_directory(up))))
      fs::remove_all(up, ignored);
  if (change.what == 0) return;
  fs::create_directories(path.parent_path());
  if (change.what == 1)
    fs::create_symlink("target", path);
  else
    std::ofstream(path) << change.path << change.what;
  if (change.what == 2) fs::permissions(path, fs::perms::all);
}

RC_GTEST_PROP(SnapshotProperty, SameTreeAsGit, ()) {
  const auto committed = *rc::gen::container<std::vector<Change>>(a_change());
  const auto changed = *rc::gen::container<std::vector<Change>>(a_change());
  const support::GitRepository repository;
  const support::TemporaryDirectory state;
  const auto source = make_git_source(state.path() / "mirrors", state.path() / "trees");
  for (const Change& change : committed) carry_out(repository.path(), change);
  repository.commit();
  for (const Change& change : changed) carry_out(repository.path(), change);
  const auto revision = source->snapshot(repository.path());
  RC_ASSERT(revision.has_value());
  RC_ASSERT(revision->tree == repository.tree_of_working_tree());
}

}  // namespace
}  // namespace pipeline::source
