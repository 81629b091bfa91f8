#include "runner/cli/run_names.h"

#include "runner/cli/working_folder.h"

namespace pipeline::cli {

std::optional<std::string> repository_at(const std::filesystem::path& directory) {
  const WorkingFolder folder(directory);
  if (!folder.is_repository()) return std::nullopt;
  // As git tells it: links resolved.
  std::error_code error;
  const auto canonical = std::filesystem::canonical(folder.root(), error);
  return (error ? folder.root() : canonical).string();
}

base::Result<run::RunId> resolve(const RunName& name, const RunPlace& place) {
  if (name) return *name;
  PIPELINE_ASSIGN(const auto newest,
                  place.runs->list({.repository = place.repository, .limit = 1}));
  if (!newest.empty()) return newest.front().id;
  PIPELINE_ASSIGN(const auto others, place.runs->list({.limit = 1}));
  if (others.empty()) {
    return base::fail(base::Error(base::ErrorKind::invalid, "there are no runs yet")
                          .hint("pipeline run makes one"));
  }
  return base::fail(
      base::Error(base::ErrorKind::invalid, "there are no runs of " + *place.repository + " yet")
          .hint("pipeline run makes one; " + place.commands.command("runs", "--all") +
                " lists those of other repositories"));
}

}  // namespace pipeline::cli
