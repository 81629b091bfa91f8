// pipeline show.
#include "pipelines/run/event_json.h"
#include "runner/cli/commands.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/summary.h"
#include "runner/cli/run_names.h"
#include "runner/cli/user_mistake.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/lease.h"
#include "stages/log/format.h"

namespace pipeline::cli {

namespace {

// How it ended or stands. That its driver is gone though the run has no end is what the events
// alone cannot tell.
std::string standing(const render::Board& board, const store::Paths& paths, base::TimePoint now,
                     render::Color color) {
  const std::string number = std::to_string(board.id());
  const bool is_over = run::is_terminal(board.state().status);
  if (is_over || store::lease_holder(paths, board.id())) {
    const std::string how = "it is detached: pipeline attach " + number + " follows it\n";
    return render::closing(board, now, color) + "\n" +
           (is_over || !board.state().detached ? "" : how);
  }
  const std::string text = "run " + number + " " +
                           render::paint("interrupted", render::Tint::warn, color) +
                           ": the program that drove it ended before it did\n";
  return text + (board.state().detached ? "its jobs go on; pipeline attach " : "pipeline retry ") +
         number + " goes on with it\n";
}

// Where a child run came from, and what else there is to look at.
std::string family(const render::Board& board, const run::RunSpec& spec) {
  std::string text;
  if (spec.parent) {
    text += "begun by " + spec.parent->job + " of run " + std::to_string(spec.parent->run) + "\n";
  }
  for (std::size_t job = 0; job < board.plan().jobs.size(); ++job) {
    const auto& child = board.state().jobs[job].child;
    if (!child) continue;
    text += board.plan().jobs[job].name + " ran as run " + std::to_string(*child) +
            ": pipeline show " + std::to_string(*child) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

// A failed job's are shown with its failure.
std::string service_logs(const render::Board& board, const store::Paths& paths) {
  std::string text;
  const plan::Plan& plan = board.plan();
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const run::JobState& state = board.state().jobs[job];
    if (render::is_failure(state.status)) continue;
    const std::string& name = plan.jobs[job].name;
    for (const model::ServiceSpec* service : plan.services_of(plan.jobs[job])) {
      const auto log = log::service_log(paths.job(board.id(), name, state.attempt), service->name);
      std::error_code unknown;
      if (std::filesystem::exists(log, unknown)) {
        text += render::service_line(board, job, service->name);
      }
    }
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

Outcome execute(const ShowOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store, context.directory));
  PIPELINE_ASSIGN(const engine::StoredRun stored, of_a_name(engine::load_run(*store, id)));
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const run::Event& event : stored.events) console.out.write(run::to_json(event) + "\n");
    return ExitCode::success;
  }
  render::Board board(id, stored.plan);
  for (const run::Event& event : stored.events) PIPELINE_TRY(board.apply(event));
  console.out.write(render::headline(id, stored.plan) + "\n\n");
  const base::TimePoint now = context.services.clock().now();
  console.out.write(
      render::summary(board, log_tail_of(*paths, id), now, console.out_color, console.out.width()) +
      service_logs(board, *paths) + family(board, stored.spec) + "\n" +
      standing(board, *paths, now, console.out_color));
  return ExitCode::success;
}

}  // namespace pipeline::cli
