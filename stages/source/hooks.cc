#include "stages/source/hooks.h"

#include <algorithm>

#include "stages/source/user_repository.h"

namespace pipeline::source {

namespace fs = std::filesystem;

namespace {

using Config = std::unique_ptr<git_config, GitFree<git_config_free>>;

// "~/" is the user's home, as git has it; none when it is not set.
base::Result<std::optional<fs::path>> configured_path(git_repository& repository) {
  int code = 0;
  const auto config = make<Config>(code, git_repository_config_snapshot, &repository);
  if (!config) return base::fail(git_failure(code, "read git's configuration"));
  git_buf value = {};
  code = git_config_get_path(&value, config.get(), "core.hooksPath");
  if (code == GIT_ENOTFOUND) return std::nullopt;
  if (code < 0) return base::fail(git_failure(code, "read core.hooksPath"));
  fs::path path(value.ptr);
  git_buf_dispose(&value);
  return path;
}

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto [end, rest] =
      std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end() || (end->empty() && std::next(end) == directory.end());
}

}  // namespace

base::Result<HooksFolder> hooks_folder(const fs::path& directory) {
  PIPELINE_ASSIGN(const Repository repository, open_user_repository(directory));
  PIPELINE_ASSIGN(const auto configured, configured_path(*repository));
  const fs::path common = git_repository_commondir(repository.get());
  if (!configured || configured->empty()) return HooksFolder{common / "hooks", false};
  const char* work = git_repository_workdir(repository.get());
  const fs::path base = work != nullptr ? fs::path(work) : common;
  const fs::path path = (base / *configured).lexically_normal();
  return HooksFolder{path, !is_below(path, base) && !is_below(path, common)};
}

}  // namespace pipeline::source
