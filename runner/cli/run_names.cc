#include "runner/cli/run_names.h"

#include "runner/cli/working_folder.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kFirstLook = 64;

}  // namespace

std::optional<std::string> repository_at(const std::filesystem::path& directory) {
  const WorkingFolder folder(directory);
  if (!folder.is_repository()) return std::nullopt;
  // As git tells it: links resolved.
  std::error_code error;
  const auto canonical = std::filesystem::canonical(folder.root(), error);
  return (error ? folder.root() : canonical).string();
}

base::Result<std::vector<store::RunSummary>> newest_runs(
    store::RunStore& store, const std::optional<std::string>& repository, std::size_t limit) {
  if (!repository) return store.list(limit);
  // Most of what is newest is of the place where one works: seldom is more than one look needed.
  for (std::size_t look = std::max(limit, kFirstLook);; look *= 8) {
    PIPELINE_ASSIGN(auto runs, store.list(look));
    const bool is_all = runs.size() < look;
    std::erase_if(runs, [&](const auto& run) { return run.repository != *repository; });
    if (runs.size() > limit) runs.resize(limit);
    if (is_all || runs.size() == limit) return runs;
  }
}

base::Result<run::RunId> resolve(const RunName& name, store::RunStore& store,
                                 const std::filesystem::path& directory) {
  if (name) return *name;
  const auto repository = repository_at(directory);
  PIPELINE_ASSIGN(const auto newest, newest_runs(store, repository, 1));
  if (!newest.empty()) return newest.front().id;
  PIPELINE_ASSIGN(const auto others, store.list(1));
  if (others.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "there are no runs yet")
                          .hint("pipeline run makes one"));
  }
  return base::fail(
      base::Error(base::ErrorKind::invalid, "there are no runs of " + *repository + " yet")
          .hint("pipeline run makes one; pipeline runs --all lists those of other repositories"));
}

}  // namespace pipeline::cli
