// pipeline show.
#include "pipelines/run/event_json.h"
#include "runner/cli/commands.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/summary.h"
#include "runner/cli/run_names.h"
#include "runner/cli/run_place.h"

namespace pipeline::cli {

namespace {

using base::Result;

// How it ended or stands. That its driver is gone though the run has no end is what the events
// alone cannot tell.
std::string standing(const render::Board& board, bool is_driven, base::TimePoint now,
                     render::Color color) {
  const bool is_over = run::is_terminal(board.state().status);
  if (is_over || is_driven) {
    const std::string how = "it is detached: " + board.command("attach") + " follows it\n";
    return render::closing(board, now, color) + "\n" +
           render::how_to_approve(board.id(), board.plan(), board.state(), board.place()) +
           (is_over || !board.state().detached ? "" : how);
  }
  const std::string text = "run " + std::to_string(board.id()) + " " +
                           render::paint("interrupted", render::Tint::warn, color) +
                           ": the program that drove it ended before it did\n";
  return text +
         (board.state().detached ? "its jobs go on; " + board.command("attach")
                                 : board.command("retry")) +
         " goes on with it\n";
}

// Where a run came from, and what else there is to look at.
std::string family(const render::Board& board, const run::RunSpec& spec) {
  std::string text;
  if (spec.parent) {
    text += "begun by " + spec.parent->job + " of run " + std::to_string(spec.parent->run) + "\n";
  }
  for (const auto& [name, definition] : spec.server_environments)
    text += "environment " + name + ": as the server defined it\n";
  for (std::size_t job = 0; job < board.plan().jobs.size(); ++job) {
    const auto& child = board.state().jobs[job].child;
    if (!child) continue;
    text += board.plan().jobs[job].name + " ran as run " + std::to_string(*child) + ": " +
            board.place().command("show", std::to_string(*child)) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

// A failed job's are shown with its failure.
std::string service_logs(const render::Board& board, RunReader& runs) {
  std::string text;
  const plan::Plan& plan = board.plan();
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const run::JobState& state = board.state().jobs[job];
    if (render::is_failure(state.status)) continue;
    const std::string& name = plan.jobs[job].name;
    for (const model::ServiceSpec* service : plan.services_of(plan.jobs[job])) {
      const AttemptName attempt{board.id(), name, state.attempt};
      if (runs.open_log(attempt, service->name)) {
        text += render::service_line(board, job, service->name);
      }
    }
  }
  return text.empty() ? text : "\n" + text;
}

Result<std::string> held_back(RunReader& runs, run::RunId id) {
  PIPELINE_ASSIGN(const auto jobs, runs.waiting_jobs(id));
  std::string text;
  for (const auto& [job, reason] : jobs)
    text.append(job).append(" waits: ").append(reason).append("\n");
  return text.empty() ? text : "\n" + text;
}

}  // namespace

Outcome execute(const ShowOptions& options, Context& context) {
  PIPELINE_ASSIGN(const RunPlace place, open_run_place(options.server, context));
  RunReader& runs = *place.runs;
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, place));
  // Asked first: what its driver wrote last is then among the events.
  PIPELINE_ASSIGN(const bool is_driven, runs.is_driven(id));
  PIPELINE_ASSIGN(const engine::StoredRun stored, load_run(runs, id));
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const run::Event& event : stored.events) console.out.write(run::to_json(event) + "\n");
    return ExitCode::success;
  }
  render::Board board(id, stored.plan, place.commands);
  for (const run::Event& event : stored.events) PIPELINE_TRY(board.apply(event));
  console.out.write(render::headline(id, stored.plan) + "\n\n");
  PIPELINE_ASSIGN(const std::string waits, held_back(runs, id));
  const base::TimePoint now = context.services.clock().now();
  console.out.write(
      render::summary(board, log_tail_of(runs, id), now, console.out_color, console.out.width()) +
      service_logs(board, runs) + waits + family(board, stored.spec) + "\n" +
      standing(board, is_driven, now, console.out_color));
  return ExitCode::success;
}

}  // namespace pipeline::cli
