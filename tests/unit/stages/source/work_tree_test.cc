#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/source/work_tree_store.h"
#include "tests/support/property.h"
#include "tests/unit/stages/source/source_fixture.h"

namespace pipeline::source {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Path, type, exec bit and content of everything, as text that EXPECT_EQ can show.
std::string listing(const fs::path& root) {
  std::set<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().string().find("/.git") != std::string::npos &&
        entry.path().filename() != ".gitignore")
      continue;
    const std::string name = entry.path().lexically_relative(root).string();
    if (entry.is_symlink())
      lines.insert(name + " -> " + fs::read_symlink(entry.path()).string());
    else if (entry.is_directory())
      lines.insert(name + "/");
    else {
      std::ifstream in(entry.path());
      const bool executable = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms{};
      lines.insert(name + (executable ? " x " : " - ") +
                   std::string(std::istreambuf_iterator<char>(in), {}));
    }
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

ino_t inode(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("no " + path.string());
  return status.st_ino;
}

class WorkTreeTest : public SourceTest {
 protected:
  WorkTree work_tree(const Revision& revision) {
    auto tree = source->work_tree(revision.repository, revision.tree);
    if (!tree) throw std::runtime_error(tree.error().to_string());
    return *tree;
  }
  fs::path path_of(const Revision& revision) { return state.path() / "trees" / revision.tree; }
};

TEST_F(WorkTreeTest, HoldsTheFiles) {
  repository.write("a", "1");
  repository.write("dir/b", "2");
  repository.write("run", "#!/bin/sh\n");
  fs::permissions(repository.path() / "run", fs::perms::owner_all);
  fs::create_symlink("dir/b", repository.path() / "link");
  const WorkTree tree = work_tree(snapshot());
  EXPECT_EQ(listing(tree.path()), listing(repository.path()));
}

TEST_F(WorkTreeTest, BelongsToTheJobUser) {
  repository.write("dir/b", "2");
  fs::create_symlink("b", repository.path() / "dir" / "link");
  const WorkTree tree = work_tree(snapshot());
  for (const char* name : {"", "dir", "dir/b", "dir/link"}) {
    struct stat status {};
    ASSERT_EQ(::lstat((tree.path() / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, host::job_user().uid) << name;
  }
}

TEST_F(WorkTreeTest, ModesDoNotDependOnTheUmask) {
  repository.write("dir/b", "2");
  const Revision revision = snapshot();
  const mode_t before = ::umask(0077);
  const WorkTree tree = work_tree(revision);
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat((tree.path() / "dir").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  ASSERT_EQ(::stat((tree.path() / "dir/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
}

TEST_F(WorkTreeTest, IsMadeOnce) {
  repository.write("a", "1");
  const Revision revision = snapshot();
  const WorkTree first = work_tree(revision);
  const WorkTree second = work_tree(revision);
  const auto other = make_git_source(state.path() / "mirrors", state.path() / "trees");
  const auto third = other->work_tree(revision.repository, revision.tree);
  ASSERT_TRUE(third);
  EXPECT_EQ(first.path(), second.path());
  EXPECT_EQ(first.path(), third->path());
}

TEST_F(WorkTreeTest, AnUnusedTreeIsMovedOnInPlace) {
  repository.write("same", "1");
  repository.write("changed", "1");
  const Revision before = snapshot();
  const ino_t same = inode(work_tree(before).path() / "same");
  repository.write("changed", "2");
  const WorkTree after = work_tree(snapshot());
  EXPECT_EQ(listing(after.path()), listing(repository.path()));
  EXPECT_EQ(inode(after.path() / "same"), same);
  EXPECT_FALSE(fs::exists(path_of(before)));
  EXPECT_EQ(listing(work_tree(before).path()), "changed - 1\nsame - 1\n") << "and back again";
}

TEST_F(WorkTreeTest, AProcessKeepsTheTreeThatItUsedLast) {
  repository.write("a", "1");
  const Revision mine = snapshot();
  { const WorkTree tree = work_tree(mine); }
  repository.write("a", "2");
  const Revision theirs = snapshot();
  const auto other = make_git_source(state.path() / "mirrors", state.path() / "trees");
  ASSERT_TRUE(other->work_tree(theirs.repository, theirs.tree));
  EXPECT_TRUE(fs::exists(path_of(mine)));
}

TEST_F(WorkTreeTest, ATreeInUseStaysAndItsFilesAreShared) {
  repository.write("dir/same", "1");
  repository.write("changed", "1");
  const WorkTree before = work_tree(snapshot());
  repository.write("changed", "2");
  const WorkTree after = work_tree(snapshot());
  EXPECT_EQ(listing(before.path()), "changed - 1\ndir/\ndir/same - 1\n");
  EXPECT_EQ(listing(after.path()), "changed - 2\ndir/\ndir/same - 1\n");
  EXPECT_EQ(inode(before.path() / "dir/same"), inode(after.path() / "dir/same"));
}

TEST_F(WorkTreeTest, MovingOnNeverWritesIntoSharedFiles) {
  repository.write("a", "1");
  repository.write("b", "1");
  const WorkTree held = work_tree(snapshot());
  repository.write("b", "2");
  { const WorkTree linked = work_tree(snapshot()); }
  repository.write("a", "3");
  const WorkTree moved = work_tree(snapshot());
  EXPECT_EQ(listing(held.path()), "a - 1\nb - 1\n");
  EXPECT_EQ(listing(moved.path()), "a - 3\nb - 2\n");
}

TEST_F(WorkTreeTest, WhatAKilledMakerLeftIsRubbish) {
  repository.write("a", "1");
  const Revision revision = snapshot();
  const fs::path trees = state.path() / "trees";
  for (const std::string& tree : {revision.tree, std::string(40, 'b')})
    fs::create_directories(trees / (".making-" + tree) / "junk");
  EXPECT_EQ(listing(work_tree(revision).path()), "a - 1\n");
  for (const auto& entry : fs::directory_iterator(trees))
    EXPECT_FALSE(entry.path().filename().string().starts_with(".making")) << entry.path();
}

TEST_F(WorkTreeTest, ATreeOfAnEarlierBootIsMadeAgain) {
  repository.write("a", "1");
  const Revision revision = snapshot();
  { const WorkTree tree = work_tree(revision); }
  source = make_git_source(state.path() / "mirrors", state.path() / "trees");
  fs::resize_file(path_of(revision) / "a", 0);  // as a power cut leaves it
  std::ofstream(state.path() / "trees" / (revision.tree + ".lock")) << "another boot";
  EXPECT_EQ(listing(work_tree(revision).path()), "a - 1\n");
}

// git gc may take what the latest tree was made of, and leave the whole next one.
TEST_F(WorkTreeTest, ATreeIsMadeWithoutTheLatestWhenThatWasPruned) {
  repository.write("a", "1");
  repository.commit();
  const Revision first = snapshot();
  ASSERT_TRUE(source->work_tree(first.repository, first.tree));
  source = make_git_source(state.path() / "mirrors", state.path() / "trees");
  repository.write("a", "2");
  repository.git("commit -q -a --amend -m other");
  repository.git("reflog expire --expire=now --all");
  repository.git("gc -q --prune=now");
  const Revision second = snapshot();
  const auto tree = source->work_tree(second.repository, second.tree);
  ASSERT_TRUE(tree) << tree.error().to_string();
  EXPECT_EQ(*host::read_file(tree->path() / "a"), "2");
}

TEST_F(WorkTreeTest, SubmodulesAreEmptyDirectories) {
  const support::GitRepository other;
  other.write("x", "1");
  other.commit();
  repository.git("submodule --quiet add '" + other.path().string() + "' sub");
  const WorkTree tree = work_tree(snapshot());
  EXPECT_TRUE(fs::is_directory(tree.path() / "sub"));
  EXPECT_TRUE(fs::is_empty(tree.path() / "sub"));
}

TEST_F(WorkTreeTest, ManyThreadsMakingOneTree) {
  for (int i = 0; i < 50; ++i) repository.write("d" + std::to_string(i) + "/f", "1");
  const Revision revision = snapshot();
  std::vector<std::thread> threads(8);
  std::atomic<int> good = 0;
  for (auto& thread : threads)
    thread = std::thread([&] {
      const auto mine = make_git_source(state.path() / "mirrors", state.path() / "trees");
      const auto tree = mine->work_tree(revision.repository, revision.tree);
      if (tree && fs::exists(tree->path() / "d49" / "f")) ++good;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
}

// The process keeps the tree for as long as it lives, so whoever came second must not wait for it
// to be given up.
TEST_F(WorkTreeTest, JobsMakingOneTreeOfAProcessThatKeepsIt) {
  for (int round = 0; round < 20; ++round) {
    repository.write("file", std::to_string(round));
    const Revision revision = snapshot();
    std::vector<std::thread> jobs(4);
    std::atomic<int> good = 0;
    for (auto& job : jobs)
      job = std::thread([&] {
        if (source->work_tree(revision.repository, revision.tree)) ++good;
      });
    for (auto& job : jobs) job.join();
    EXPECT_EQ(good, 4);
  }
}

TEST_F(WorkTreeTest, TwoProcessesMakingOneTree) {
  for (int i = 0; i < 50; ++i) repository.write("d" + std::to_string(i) + "/f", "1");
  const Revision revision = snapshot();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto mine = make_git_source(state.path() / "mirrors", state.path() / "trees");
    const auto tree = mine->work_tree(revision.repository, revision.tree);
    ::_exit(tree && fs::exists(tree->path() / "d49" / "f") ? 0 : 1);
  }
  const std::string ours = listing(work_tree(revision).path());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ours, listing(repository.path()));
}

// A tree object with one entry of any name, which `git` refuses to make from files.
std::string hostile_tree(const support::GitRepository& repository, const std::string& name,
                         const std::string& mode = "100644") {
  const std::string kind = mode == "40000" ? "40000" : mode;
  return support::shell("cd '" + repository.path().string() +
                        "' && id=$(echo hostile | git hash-object -w --stdin) && "
                        "{ printf '" +
                        kind + " " + name +
                        "\\0'; printf \"$(echo $id | sed 's/../\\\\x&/g')\"; } | "
                        "git hash-object --literally -w -t tree --stdin");
}

TEST_F(WorkTreeTest, NamesThatLeaveTheTreeAreRefused) {
  repository.write("a", "1");
  Revision revision = snapshot();
  for (const std::string name : {"..", ".", ".git", ".GIT", "../../escape", "/etc/x"}) {
    revision.tree = hostile_tree(repository, name);
    const auto tree = source->work_tree(revision.repository, revision.tree);
    EXPECT_FALSE(tree) << name;
    EXPECT_FALSE(source->list_files(revision, "")) << name;
    EXPECT_FALSE(fs::exists(path_of(revision))) << name;
  }
  EXPECT_FALSE(fs::exists(state.path() / "escape"));
}

TEST_F(WorkTreeTest, ATreeBombIsRefused) {
  repository.write("a", "1");
  Revision revision = snapshot();
  // Every level names the one below ten times: 10^10 files in eleven objects.
  const std::string script =
      "cd '" + repository.path().string() +
      "' && b=$(echo x | git hash-object -w --stdin) && t=$(for i in 0 1 2 3 4 5 6 7 8 9; do "
      "printf "
      "'100644 blob %s\\t%s\\n' $b $i; done | git mktree) && for level in 1 2 3 4 5 6 7 8 9; do "
      "t=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\\t%s\\n' $t $i; done | git "
      "mktree); done; echo $t";
  revision.tree = support::shell(script);
  const auto files = source->list_files(revision, "");
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().to_string(), HasSubstr("too many files"));
}

TEST_F(WorkTreeTest, ASymlinkIsNeverWrittenThrough) {
  const support::TemporaryDirectory outside;
  fs::create_symlink(outside.path(), repository.path() / "d");
  const Revision link = snapshot();
  { const WorkTree tree = work_tree(link); }
  fs::remove(repository.path() / "d");
  repository.write("d/f", "1");
  const WorkTree tree = work_tree(snapshot());
  EXPECT_EQ(listing(tree.path()), "d/\nd/f - 1\n");
  EXPECT_TRUE(fs::is_empty(outside.path()));
}

TEST_F(WorkTreeTest, UnknownTreesAreRefused) {
  repository.write("a", "1");
  const Revision revision = snapshot();
  EXPECT_FALSE(source->work_tree(revision.repository, std::string(40, 'a')));
  EXPECT_FALSE(source->work_tree(revision.repository, "../../etc"));
  EXPECT_FALSE(source->work_tree("/never/seen", revision.tree));
}

// Whatever a tree was before, moved on or linked it ends as the working tree is.
RC_GTEST_PROP(WorkTreeProperty, AnyTreeFollowsAnyTree, ()) {
  static const std::vector<std::string> names = {"a", "b", "a/b", "a/c/d", "b/c", "z/z/z"};
  const support::GitRepository repository;
  const support::TemporaryDirectory state;
  const auto source = make_git_source(state.path() / "mirrors", state.path() / "trees");
  std::optional<WorkTree> held;
  for (int step = 0; step < 3; ++step) {
    for (const auto& entry : fs::directory_iterator(repository.path()))
      if (entry.path().filename() != ".git") fs::remove_all(entry.path());
    const auto paths = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(names));
    for (const std::string& name : paths) {
      const fs::path path = repository.path() / name;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (error || fs::exists(fs::symlink_status(path))) continue;
      if (*rc::gen::inRange(0, 4) == 0)
        fs::create_symlink("x", path);
      else
        std::ofstream(path) << *rc::gen::inRange(0, 3);
    }
    const auto revision = source->snapshot(repository.path());
    RC_ASSERT(revision.has_value());
    const auto tree = source->work_tree(revision->repository, revision->tree);
    RC_ASSERT(tree.has_value());
    // git keeps no empty directories, and what a run of names leaves may have some.
    repository.git("clean -qfd -e '*' || true");
    support::shell("find '" + repository.path().string() +
                   "' -mindepth 1 -depth -type d -empty -not -path '*/.git/*' -delete");
    RC_ASSERT(listing(tree->path()) == listing(repository.path()));
    held = *rc::gen::arbitrary<bool>() ? std::optional<WorkTree>(*tree) : std::nullopt;
  }
}

TEST_F(WorkTreeTest, OneThatIsUsedDoesNotGo) {
  repository.write("a", "1");
  const Revision revision = snapshot();
  std::optional<WorkTree> used = work_tree(revision);
  const WorkTreeStore keep(state.path() / "trees", state.path() / "mirrors");
  EXPECT_THAT(keep.all(), ElementsAre(revision.tree));
  EXPECT_EQ(keep.size_of(revision.tree), 1U);
  EXPECT_EQ(keep.remove(revision.tree).error().kind(), base::ErrorKind::conflict);
  used.reset();
  source.reset();
  ASSERT_TRUE(keep.remove(revision.tree));
  EXPECT_THAT(keep.all(), IsEmpty());
  EXPECT_EQ(keep.used_at(revision.tree), std::nullopt);
  EXPECT_TRUE(keep.remove(revision.tree)) << "it has gone already";
  source = make_git_source(state.path() / "mirrors", state.path() / "trees");
  EXPECT_EQ(listing(work_tree(revision).path()), "a - 1\n");
}

TEST_F(WorkTreeTest, AProcessHoldsThoseOfFewRepositories) {
  repository.write("a", "first");
  const Revision first = snapshot();
  work_tree(first);
  const WorkTreeStore keep(state.path() / "trees", state.path() / "mirrors");
  for (int i = 0; i < 3; ++i) {
    const support::GitRepository other;
    other.write("a", std::to_string(i));
    work_tree(*source->snapshot(other.path()));
  }
  EXPECT_FALSE(keep.remove(first.tree));
  const support::GitRepository other;
  other.write("a", "last");
  work_tree(*source->snapshot(other.path()));
  EXPECT_TRUE(keep.remove(first.tree));
}

}  // namespace
}  // namespace pipeline::source
