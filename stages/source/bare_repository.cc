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

}  // namespace pipeline::source
