#include "stages/source/bare_repository.h"

#include "stages/source/git_handle.h"

namespace pipeline::source {

base::Result<> make_bare_repository(const std::filesystem::path& directory) {
  ensure_git_ready();
  int code = 0;
  if (make<Repository>(code, git_repository_open_bare, directory.c_str())) return {};
  git_repository_init_options options{};
  git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  options.initial_head = "main";
  if (make<Repository>(code, git_repository_init_ext, directory.c_str(), &options)) return {};
  return base::fail(git_failure(code, "make the repository " + directory.string()));
}

base::Result<std::map<std::string, std::string>> refs_of(const std::filesystem::path& directory) {
  ensure_git_ready();
  int code = 0;
  const auto repository = make<Repository>(code, git_repository_open_bare, directory.c_str());
  if (!repository) return base::fail(git_failure(code, "open " + directory.string()));
  const auto references =
      make<ReferenceIterator>(code, git_reference_iterator_new, repository.get());
  if (!references) return base::fail(git_failure(code, "list the refs of " + directory.string()));
  std::map<std::string, std::string> refs;
  while (const auto reference = make<Reference>(code, git_reference_next, references.get())) {
    if (!git_reference_is_branch(reference.get()) && !git_reference_is_tag(reference.get()))
      continue;
    if (const git_oid* const id = git_reference_target(reference.get()))
      refs[git_reference_name(reference.get())] = hex_of(*id);
  }
  return refs;
}

}  // namespace pipeline::source
