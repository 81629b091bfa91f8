#include "stages/source/branch_move.h"

#include "stages/source/git_handle.h"

namespace pipeline::source {

namespace {

using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

Result<Repository> open(const fs::path& path) {
  ensure_git_ready();
  int code = 0;
  auto repository = make<Repository>(code, git_repository_open_bare, path.c_str());
  if (!repository) return base::fail(git_failure(code, "open " + path.string()));
  return repository;
}

Result<bool> descends(git_repository* repository, const git_oid& before, const git_oid& after) {
  if (git_oid_equal(&before, &after) != 0) return true;
  const int code = git_graph_descendant_of(repository, &after, &before);
  if (code < 0) return base::fail(git_failure(code, "compare two commits"));
  return code == 1;
}

}  // namespace

Result<bool> is_fast_forward(const fs::path& repository, const std::string& before,
                             const std::string& after) {
  PIPELINE_ASSIGN(const Repository opened, open(repository));
  PIPELINE_ASSIGN(const git_oid from, parse_id(before));
  PIPELINE_ASSIGN(const git_oid to, parse_id(after));
  return descends(opened.get(), from, to);
}

Result<bool> fast_forward(const fs::path& repository, const std::string& ref,
                          const std::string& commit) {
  PIPELINE_ASSIGN(const Repository opened, open(repository));
  PIPELINE_ASSIGN(const git_oid wanted, parse_id(commit));
  git_oid at{};
  int code = git_reference_name_to_id(&at, opened.get(), ref.c_str());
  if (code < 0 && code != GIT_ENOTFOUND) return base::fail(git_failure(code, "look at " + ref));
  const bool is_new = code == GIT_ENOTFOUND;
  if (!is_new) {
    if (git_oid_equal(&at, &wanted) != 0) return true;
    PIPELINE_ASSIGN(const bool is_forward, descends(opened.get(), at, wanted));
    if (!is_forward) return false;
  }
  // Only from where it was seen: whoever pushes meanwhile wins, and is looked at again.
  const auto moved = is_new ? make<Reference>(code, git_reference_create, opened.get(), ref.c_str(),
                                              &wanted, 0, nullptr)
                            : make<Reference>(code, git_reference_create_matching, opened.get(),
                                              ref.c_str(), &wanted, 1, &at, nullptr);
  if (moved) return true;
  const bool is_taken = code == GIT_EEXISTS || code == GIT_EMODIFIED || code == GIT_ELOCKED;
  if (is_taken) return base::fail(ErrorKind::unavailable, ref + " is being moved by somebody else");
  return base::fail(git_failure(code, "move " + ref));
}

Result<> keep_commit(const fs::path& repository, const std::string& ref,
                     const std::string& commit) {
  PIPELINE_ASSIGN(const Repository opened, open(repository));
  PIPELINE_ASSIGN(const git_oid id, parse_id(commit));
  int code = 0;
  if (make<Reference>(code, git_reference_create, opened.get(), ref.c_str(), &id, 1, nullptr))
    return {};
  return base::fail(git_failure(code, "make " + ref));
}

Result<> remove_ref(const fs::path& repository, const std::string& ref) {
  PIPELINE_ASSIGN(const Repository opened, open(repository));
  const int code = git_reference_remove(opened.get(), ref.c_str());
  if (code < 0 && code != GIT_ENOTFOUND) return base::fail(git_failure(code, "remove " + ref));
  return {};
}

}  // namespace pipeline::source
