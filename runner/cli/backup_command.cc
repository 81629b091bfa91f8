// pipeline backup, pipeline restore.
#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/cli/commands.h"
#include "runner/cli/help.h"
#include "runner/cli/kept_directory.h"
#include "runner/cli/progress_line.h"
#include "runner/keeping/backup.h"
#include "runner/keeping/restore.h"

namespace pipeline::cli {

namespace {

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string text_of(const keeping::Contents& contents) {
  return "logs of " + counted(contents.runs, "run", "runs") + ", " +
         counted(contents.artifacts, "artifact", "artifacts") + ", " +
         counted(contents.repositories, "hosted repository", "hosted repositories") + ", " +
         counted(contents.environments, "environment", "environments") + " in " +
         counted(contents.files, "file", "files");
}

// "2026-11-29T18:24:51Z": a person needs no more of it.
std::string time_of(base::TimePoint at) {
  constexpr std::size_t kSeconds = 19;
  return base::format_timestamp(at).substr(0, kSeconds) + "Z";
}

std::string told(const keeping::Manifest& manifest) {
  return base::printable(manifest.root) + " as of " + time_of(manifest.created_at) + ": " +
         text_of(keeping::contents_of(manifest.files)) + "\n";
}

}  // namespace

Outcome execute(const BackupOptions& options, Context& context) {
  PIPELINE_ASSIGN(const store::Paths paths, existing_state(options.data));
  PIPELINE_ASSIGN(const auto stoppable, Stoppable::begin());
  Console& console = context.console;
  const auto database = context.services.make_database_keeper(paths);
  auto done = [&] {
    ProgressLine line(console, "packed");
    return keeping::back_up(
        paths, *database, options.file, version(), context.services.clock().now(),
        stoppable->source.get_token(),
        [&](std::uint64_t bytes, const std::string& path) { line.show(bytes, path); });
  }();
  PIPELINE_TRY(done);
  for (const std::string& path : done->left_out)
    console.err.write("warning: left out, since it leads out of the state directory: " +
                      base::printable(path) + "\n");
  console.out.write(base::printable(options.file.string()) + ": " + base::format_size(done->size) +
                    ", " + text_of(done->contents) + "\n" +
                    "It holds secrets and the key to them: keep it where nobody else reads it.\n");
  return ExitCode::success;
}

Outcome execute(const RestoreOptions& options, Context& context) {
  PIPELINE_ASSIGN(const std::filesystem::path root, kept_directory(options.data));
  PIPELINE_ASSIGN(const auto stoppable, Stoppable::begin());
  const auto stop = stoppable->source.get_token();
  const auto database = context.services.make_database_keeper(store::Paths(root));
  Console& console = context.console;
  std::optional<ProgressLine> line(std::in_place, console, options.check ? "checked" : "unpacked");
  const auto progress = [&](std::uint64_t bytes, const std::string& path) {
    line->show(bytes, path);
  };
  if (options.check) {
    PIPELINE_ASSIGN(const keeping::Manifest manifest,
                    keeping::check_backup(options.file, *database, stop, progress));
    line.reset();
    console.out.write(base::printable(options.file.string()) + " is whole: " + told(manifest));
    return ExitCode::success;
  }
  PIPELINE_ASSIGN(const keeping::Restored restored,
                  keeping::restore(options.file, root, *database, stop, progress));
  line.reset();
  console.out.write("restored " + told(restored.manifest));
  if (restored.unreadable_secrets > 0)
    console.err.write("warning: " + counted(restored.unreadable_secrets, "secret", "secrets") +
                      " of hosted repositories can be read in " +
                      base::printable(restored.manifest.root) +
                      " only: set again what is needed here, with pipeline secret set\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
