#include "stages/source/user_repository.h"

#include "stages/source/resolve.h"

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

bool mentions(const base::Error& error, std::string_view word) {
  return error.message().find(word) != std::string::npos;
}

base::Error explain(base::Error error, int code, const fs::path& path) {
  const std::string name = path.string();
  // 1.5.1 answers "not found" here, and means its own look into safe.directory.
  if (code == GIT_EOWNER || mentions(error, "safe.directory") || mentions(error, "not owned by"))
    return base::Error(base::ErrorKind::permission, name + " belongs to another user")
        .hint("if you trust it: git config --global --add safe.directory " + name);
  if (code == GIT_ENOTFOUND)
    return base::Error(base::ErrorKind::invalid, name + " is not in a git repository")
        .hint("run it in a repository, make one with `git init`, or name one with --repo");
  if (mentions(error, "extension"))
    return std::move(error).hint(
        "the repository uses a git feature that is not supported here; a plain clone of it works");
  return error;
}

}  // namespace

base::Result<Repository> open_user_repository(const fs::path& path) {
  ensure_git_ready();
  std::error_code error;
  if (!fs::exists(path, error))
    return base::fail(base::Error(base::ErrorKind::invalid, path.string() + " does not exist")
                          .hint("check the path, or give an https:// URL"));
  int code = 0;
  auto repository = make<Repository>(code, git_repository_open_ext, path.c_str(), 0U, nullptr);
  if (!repository)
    return base::fail(
        explain(git_failure(code, "open the repository " + path.string()), code, path));
  return repository;
}

std::string repository_key(git_repository& repository) {
  const char* work = git_repository_workdir(&repository);
  return without_trailing_slash(work != nullptr ? work : git_repository_path(&repository));
}

fs::path objects_directory(git_repository& repository) {
  return fs::path(git_repository_commondir(&repository)) / "objects";
}

base::Result<> describe_head(git_repository& repository, Revision& revision) {
  int code = 0;
  auto symbolic = make<Reference>(code, git_reference_lookup, &repository, "HEAD");
  if (!symbolic) return base::fail(git_failure(code, "read HEAD"));
  constexpr std::string_view kBranches = "refs/heads/";
  if (const char* target = git_reference_symbolic_target(symbolic.get());
      target != nullptr && std::string_view(target).starts_with(kBranches))
    revision.branch = target + kBranches.size();
  git_oid commit;
  code = git_reference_name_to_id(&commit, &repository, "HEAD");
  if (code == GIT_ENOTFOUND || code == GIT_EUNBORNBRANCH) return {};
  if (code < 0) return base::fail(git_failure(code, "read HEAD"));
  revision.commit = hex_of(commit);
  revision.tag = exact_tag(repository, commit);
  return {};
}

}  // namespace pipeline::source
