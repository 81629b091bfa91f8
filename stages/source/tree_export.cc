#include "stages/source/tree_export.h"

#include <utility>
#include <vector>

#include "stages/source/git_handle.h"
#include "stages/source/mirror.h"
#include "stages/source/snapshot_ref.h"

namespace pipeline::source {

namespace {

namespace fs = std::filesystem;
using base::Result;
using Signature = std::unique_ptr<git_signature, GitFree<git_signature_free>>;

constexpr std::size_t kMostTrees = 256;

Result<Repository> open_or_make(const fs::path& directory) {
  ensure_git_ready();
  int code = 0;
  auto repository = make<Repository>(code, git_repository_open_bare, directory.c_str());
  if (repository) return repository;
  repository = make<Repository>(code, git_repository_init, directory.c_str(), 1U);
  if (!repository) return base::fail(git_failure(code, "make " + directory.string()));
  return repository;
}

// The same commit whoever makes it, whenever.
Result<git_oid> commit_of(git_repository& repository, const std::string& tree_id) {
  PIPELINE_ASSIGN(const git_oid id, parse_id(tree_id));
  int code = 0;
  const auto tree = make<Tree>(code, git_tree_lookup, &repository, &id);
  if (!tree) return base::fail(git_failure(code, "find the tree " + tree_id));
  const auto nobody =
      make<Signature>(code, git_signature_new, "pipeline", "pipeline@localhost", git_time_t{0}, 0);
  git_oid commit{};
  code = git_commit_create(&commit, &repository, nullptr, nobody.get(), nobody.get(), nullptr,
                           "A tree\n", tree.get(), 0, nullptr);
  if (code < 0) return base::fail(git_failure(code, "publish the tree " + tree_id));
  return commit;
}

}  // namespace

Result<std::string> TreeExport::publish(const std::string& repository,
                                        const std::string& tree) const {
  const Mirror place(exports_, repository);
  PIPELINE_ASSIGN(const MirrorLock lock, place.lock());
  PIPELINE_ASSIGN(const Repository bare, open_or_make(place.directory()));
  PIPELINE_TRY(place.borrow_from(Mirror(mirrors_, repository).objects()));
  // Opened again: what it borrows from is read once.
  PIPELINE_ASSIGN(const Repository borrowing, open_or_make(place.directory()));
  PIPELINE_ASSIGN(const git_oid commit, commit_of(*borrowing, tree));
  int code = 0;
  const std::string branch = "refs/heads/" + tree;
  make<Reference>(code, git_reference_create, borrowing.get(), branch.c_str(), &commit, 1, nullptr);
  if (code < 0) return base::fail(git_failure(code, "publish the tree " + tree));
  std::error_code error;
  const fs::path loose = place.directory() / branch;
  fs::last_write_time(loose, fs::file_time_type::clock::now(), error);
  keep_newest_refs(loose.parent_path(), kMostTrees);
  return place.directory().filename().string();
}

}  // namespace pipeline::source
