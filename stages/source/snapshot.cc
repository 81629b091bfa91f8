#include "stages/source/snapshot.h"

#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

#include "pipelines/base/text.h"
#include "stages/source/user_repository.h"

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

// Zlib's fastest level: the objects are small, many, and read back soon.
constexpr int kCompression = 1;

// Writes go to the mirror; everything that the user's repository has is found there.
base::Result<ObjectStore> overlay_store(const Mirror& mirror, const fs::path& user_objects) {
  int code = 0;
  auto store = make<ObjectStore>(code, git_odb_new);
  git_odb_backend* writer = nullptr;
  if (store)
    code = git_odb_backend_loose(&writer, mirror.objects().c_str(), kCompression, 0, 0755, 0444);
  if (code >= 0) code = git_odb_add_backend(store.get(), writer, 2);
  if (code >= 0) code = git_odb_add_disk_alternate(store.get(), user_objects.c_str());
  if (code < 0) return base::fail(git_failure(code, "open the repository's objects"));
  // Finding an object that is there already must not touch its file in the user's repository.
  for (std::size_t i = 0; i < git_odb_num_backends(store.get()); ++i) {
    git_odb_backend* backend = nullptr;
    if (git_odb_get_backend(&backend, store.get(), i) == 0 && backend != writer)
      backend->freshen = nullptr;
  }
  return store;
}

// Files that a sparse checkout keeps out of the working tree. libgit2 takes them for deleted, git
// does not: they are put back as the index has them.
class SkippedFiles {
 public:
  explicit SkippedFiles(git_index& index) {
    for (std::size_t i = 0; i < git_index_entrycount(&index); ++i) {
      const git_index_entry& entry = *git_index_get_byindex(&index, i);
      if ((entry.flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE) == 0) continue;
      paths_.emplace_back(entry.path);
      entries_.push_back(entry);
    }
  }

  base::Result<> restore(git_index& index) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (git_index_get_bypath(&index, paths_[i].c_str(), 0) != nullptr) continue;
      entries_[i].path = paths_[i].c_str();
      if (const int code = git_index_add(&index, &entries_[i]); code < 0)
        return base::fail(git_failure(code, "keep " + paths_[i]));
      ++restored_;
    }
    return {};
  }

  std::size_t restored() const { return restored_; }

 private:
  std::vector<std::string> paths_;
  std::vector<git_index_entry> entries_;
  std::size_t restored_ = 0;
};

// Untracked repositories in the working tree. libgit2 fails over them; git records their commit.
class NestedRepositories {
 public:
  // git_index_add_all's callback: 1 passes a path over.
  static int pass_over(const char* path, const char* /*pathspec*/, void* self) {
    const std::string_view name(path);
    if (!name.ends_with('/')) return 0;
    static_cast<NestedRepositories*>(self)->paths_.emplace_back(name.substr(0, name.size() - 1));
    return 1;
  }

  base::Result<> add_to(git_index& index, const fs::path& work) {
    for (const std::string& path : paths_) {
      int code = 0;
      const auto nested = make<Repository>(code, git_repository_open, (work / path).c_str());
      git_index_entry entry{};
      entry.mode = GIT_FILEMODE_COMMIT;
      entry.path = path.c_str();
      if (!nested || git_reference_name_to_id(&entry.id, nested.get(), "HEAD") != 0) {
        without_commit_.push_back(path);
        continue;
      }
      if (code = git_index_add(&index, &entry); code < 0)
        return base::fail(git_failure(code, "record " + path));
    }
    return {};
  }

  // Those that no tree can name; the others are gitlinks of the tree, as submodules are.
  const std::vector<std::string>& without_commit() const { return without_commit_; }

 private:
  std::vector<std::string> paths_;
  std::vector<std::string> without_commit_;
};

base::Result<> add_everything(git_repository& repository, git_index& index, Revision& revision) {
  SkippedFiles skipped(index);
  NestedRepositories nested;
  if (const int code = git_index_add_all(&index, nullptr, GIT_INDEX_ADD_DEFAULT,
                                         NestedRepositories::pass_over, &nested);
      code < 0)
    return base::fail(git_failure(code, "read the working tree"));
  PIPELINE_TRY(skipped.restore(index));
  PIPELINE_TRY(nested.add_to(index, git_repository_workdir(&repository)));
  if (skipped.restored() != 0)
    revision.warnings.push_back("sparse checkout: " + std::to_string(skipped.restored()) +
                                " files that are not in the working tree are taken from the index");
  if (!nested.without_commit().empty())
    revision.warnings.push_back("nested repositories without a commit are left out: " +
                                base::join(nested.without_commit(), ", "));
  return {};
}

void name_gitlinks(git_index& index, Revision& revision) {
  for (std::size_t i = 0; i < git_index_entrycount(&index); ++i) {
    const git_index_entry& entry = *git_index_get_byindex(&index, i);
    if (entry.mode == GIT_FILEMODE_COMMIT) revision.submodules.emplace_back(entry.path);
  }
}

// Two ways in which git can keep its index that libgit2 does not read.
base::Error explain(base::Error error) {
  const auto mentions = [&](std::string_view word) {
    return error.message().find(word) != std::string::npos;
  };
  if (mentions("'link'"))
    return std::move(error).hint("`git update-index --no-split-index` makes it one file again");
  if (mentions("'sdir'"))
    return std::move(error).hint(
        "`git sparse-checkout reapply --no-sparse-index` lists all files in it again");
  return error;
}

bool tree_of_commit_is(git_repository& repository, const Revision& revision) {
  git_oid id;
  if (revision.commit.empty() || git_oid_fromstr(&id, revision.commit.c_str()) != 0) return false;
  int code = 0;
  const auto commit = make<Commit>(code, git_commit_lookup, &repository, &id);
  return commit && hex_of(*git_commit_tree_id(commit.get())) == revision.tree;
}

}  // namespace

base::Result<Revision> take_snapshot(const fs::path& directory, const fs::path& mirrors) {
  PIPELINE_ASSIGN(const Repository repository, open_user_repository(directory));
  Revision revision;
  revision.repository = repository_key(*repository);
  if (git_repository_is_bare(repository.get()) != 0)
    return base::fail(base::Error(base::ErrorKind::invalid,
                                  revision.repository + " is a bare repository: it has no files")
                          .hint("build a commit of it: --repo " + revision.repository));
  PIPELINE_TRY(describe_head(*repository, revision));

  const Mirror mirror(mirrors, revision.repository);
  const fs::path user_objects = objects_directory(*repository);
  PIPELINE_TRY(mirror.borrow_from(user_objects));
  PIPELINE_TRY(mirror.remove_damaged());
  PIPELINE_ASSIGN(const ObjectStore store, overlay_store(mirror, user_objects));
  git_repository_set_odb(repository.get(), store.get());

  int code = 0;
  auto index = make<Index>(code, git_repository_index, repository.get());
  if (!index) return base::fail(explain(git_failure(code, "read the index")));
  PIPELINE_TRY(add_everything(*repository, *index, revision));
  git_oid tree;
  if (code = git_index_write_tree_to(&tree, index.get(), repository.get()); code < 0)
    return base::fail(git_failure(code, "make a tree of the working tree"));
  revision.tree = hex_of(tree);
  revision.dirty = !tree_of_commit_is(*repository, revision);
  name_gitlinks(*index, revision);
  return revision;
}

}  // namespace pipeline::source
