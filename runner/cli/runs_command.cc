// pipeline runs.
#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/remote_run.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/table.h"
#include "runner/cli/run_names.h"
#include "runner/store/run_summary_json.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kShortCommit = 8;
constexpr std::size_t kRepositoryColumns = 28;

// Whether a listing has to say of which repository each run is.
enum class Repositories { one, many };

// A path too long for a column loses its first folders.
std::string short_repository(const std::string& repository) {
  std::string text = base::printable(repository);
  while (base::display_width(text) > kRepositoryColumns) {
    const auto slash = text.find('/', text.starts_with("…/") ? std::string_view("…/").size() : 1);
    if (slash == std::string::npos) return base::elide(text, kRepositoryColumns);
    text = "…" + text.substr(slash);
  }
  return text;
}

std::string place_of(const store::RunSummary& run) {
  std::vector<std::string> words = {run.branch, run.commit.substr(0, kShortCommit)};
  std::erase(words, std::string());
  return base::printable(base::join(words, " "));
}

// What its driver, or the want of one, means for a run that goes on without its terminal.
std::string note_of(const store::RunSummary& run) {
  if (!run.detached || run::is_terminal(run.status)) return run.reason;
  if (run.status != run::RunStatus::interrupted) return "detached";
  return "detached: pipeline attach " + std::to_string(run.id) + " goes on with it";
}

std::vector<render::Cell> row_of(const store::RunSummary& run, base::TimePoint now) {
  const auto since = [](base::TimePoint from, base::TimePoint to) {
    return base::format_elapsed(std::chrono::duration_cast<base::Duration>(to - from));
  };
  return {{std::to_string(run.id)},
          {base::printable(run.pipeline)},
          {std::string(run::to_string(run.status)), render::tint_of(run.status)},
          {since(run.created_at, now) + " ago"},
          {run.finished_at ? since(run.created_at, *run.finished_at) : ""},
          {place_of(run)},
          {render::one_line(note_of(run))}};
}

render::Table table_of(const std::vector<store::RunSummary>& runs, base::TimePoint now,
                       Repositories shown) {
  constexpr std::ptrdiff_t kAfterPipeline = 2;
  std::vector<std::string> headings = {"run", "pipeline", "status", "started", "took", "of", ""};
  if (shown == Repositories::many) headings.insert(headings.begin() + kAfterPipeline, "repository");
  render::Table table(std::move(headings));
  for (const auto& run : runs) {
    std::vector<render::Cell> row = row_of(run, now);
    if (shown == Repositories::many)
      row.insert(row.begin() + kAfterPipeline, {short_repository(run.repository)});
    table.add(std::move(row));
  }
  return table;
}

base::Result<std::string> nothing_to_list(store::RunStore& store) {
  PIPELINE_ASSIGN(const auto others, store.list(1));
  return others.empty()
             ? "no runs yet; pipeline run makes one\n"
             : "no runs of this repository yet; --all lists those of other repositories\n";
}

}  // namespace

Outcome execute(const RunsOptions& options, Context& context) {
  if (options.server.url) return list_runs_of_server(options, context);
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  const auto here = options.all ? std::nullopt : repository_at(context.directory);
  PIPELINE_ASSIGN(const auto runs, newest_runs(*store, here, options.limit));
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const auto& run : runs) console.out.write(store::to_json(run) + "\n");
    return ExitCode::success;
  }
  if (runs.empty()) {
    PIPELINE_ASSIGN(const std::string why, nothing_to_list(*store));
    console.out.write(why);
    return ExitCode::success;
  }
  const render::Table table =
      table_of(runs, context.services.clock().now(), here ? Repositories::one : Repositories::many);
  console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
