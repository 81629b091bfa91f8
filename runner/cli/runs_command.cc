// pipeline runs.
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/table.h"
#include "runner/cli/run_place.h"
#include "runner/cli/server_client.h"
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
std::string note_of(const store::RunSummary& run, const render::CommandPlace& commands) {
  if (!run.detached || run::is_terminal(run.status)) return run.reason;
  if (run.status != run::RunStatus::interrupted) return "detached";
  return "detached: " + commands.command("attach", std::to_string(run.id)) + " goes on with it";
}

std::vector<render::Cell> row_of(const store::RunSummary& run, base::TimePoint now,
                                 const render::CommandPlace& commands) {
  const auto since = [](base::TimePoint from, base::TimePoint to) {
    return base::format_elapsed(std::chrono::duration_cast<base::Duration>(to - from));
  };
  return {{std::to_string(run.id)},
          {base::printable(run.pipeline)},
          {std::string(run::to_string(run.status)), render::tint_of(run.status)},
          {since(run.created_at, now) + " ago"},
          {run.finished_at ? since(run.created_at, *run.finished_at) : ""},
          {place_of(run)},
          {render::one_line(note_of(run, commands))}};
}

render::Table table_of(const std::vector<store::RunSummary>& runs, base::TimePoint now,
                       Repositories shown, const render::CommandPlace& commands) {
  constexpr std::ptrdiff_t kAfterPipeline = 2;
  std::vector<std::string> headings = {"run", "pipeline", "status", "started", "took", "of", ""};
  if (shown == Repositories::many) headings.insert(headings.begin() + kAfterPipeline, "repository");
  render::Table table(std::move(headings));
  for (const auto& run : runs) {
    std::vector<render::Cell> row = row_of(run, now, commands);
    if (shown == Repositories::many)
      row.insert(row.begin() + kAfterPipeline, {short_repository(run.repository)});
    table.add(std::move(row));
  }
  return table;
}

base::Result<std::string> nothing_to_list(const RunsOptions& options, RunReader& runs) {
  if (options.pipeline || options.branch || options.status) return "no such runs\n";
  PIPELINE_ASSIGN(const auto others, runs.list({.limit = 1}));
  return others.empty()
             ? "no runs yet; pipeline run makes one\n"
             : "no runs of this repository yet; --all lists those of other repositories\n";
}

// What has no run yet, for want of somebody's word.
base::Result<> tell_of_waiting_pulls(const ServerChoice& server,
                                     const render::CommandPlace& commands, Console& console) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  const auto answer = client.get("/pull-requests");
  // An older server has none that wait.
  if (!answer && answer.error().kind() == base::ErrorKind::not_found) return {};
  if (!answer) return base::fail(answer.error());
  const std::size_t count = answer->at("pull_requests").as_array().size();
  if (count == 0) return {};
  console.err.write(
      std::to_string(count) +
      (count == 1 ? " pull request from a fork waits" : " pull requests from forks wait") +
      " for approval: " + std::string(base::trim(commands.command("pulls", ""))) + "\n");
  return {};
}

}  // namespace

Outcome execute(const RunsOptions& options, Context& context) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  const auto here = options.all ? std::nullopt : place.repository;
  PIPELINE_ASSIGN(const auto runs, place.runs->list({.pipeline = options.pipeline,
                                                     .repository = here,
                                                     .branch = options.branch,
                                                     .status = options.status,
                                                     .limit = options.limit}));
  Console& console = context.console;
  const bool is_all = !options.pipeline && !options.branch && !options.status;
  if (options.format == Format::text && is_all && is_of_server(options.server))
    PIPELINE_TRY(tell_of_waiting_pulls(options.server, place.commands, console));
  if (options.format == Format::json) {
    for (const auto& run : runs) console.out.write(store::to_json(run) + "\n");
    return ExitCode::success;
  }
  if (runs.empty()) {
    PIPELINE_ASSIGN(const std::string why, nothing_to_list(options, *place.runs));
    console.out.write(why);
    return ExitCode::success;
  }
  const render::Table table =
      table_of(runs, context.services.clock().now(), here ? Repositories::one : Repositories::many,
               place.commands);
  console.out.write(table.render(console.out_color, console.out.width()));
  return ExitCode::success;
}

}  // namespace pipeline::cli
