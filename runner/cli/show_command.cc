// pipeline show.
#include "pipelines/run/event_json.h"
#include "runner/cli/commands.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/render/sentences.h"
#include "runner/cli/render/summary.h"
#include "runner/cli/run_names.h"
#include "runner/engine/stored_plan.h"
#include "runner/store/lease.h"

namespace pipeline::cli {

namespace {

// Its coordinator is gone though the run has no end: what the events alone cannot tell.
std::string interrupted_note(const engine::StoredRun& stored, const store::Paths& paths,
                             run::RunId id) {
  if (run::is_terminal(stored.state.status) || store::lease_holder(paths, id)) return {};
  const std::string number = std::to_string(id);
  return "run " + number + " is interrupted: the program that drove it ended before it did\n" +
         "pipeline retry " + number + " goes on with it\n";
}

}  // namespace

Outcome execute(const ShowOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(const store::Paths* const paths, context.services.paths());
  PIPELINE_ASSIGN(const run::RunId id, resolve(options.run, *store));
  PIPELINE_ASSIGN(const engine::StoredRun stored, engine::load_run(*store, id));
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const run::Event& event : stored.events) console.out.write(run::to_json(event) + "\n");
    return ExitCode::success;
  }
  render::Board board(id, stored.plan);
  for (const run::Event& event : stored.events) PIPELINE_TRY(board.apply(event));
  console.out.write(render::headline(id, stored.plan) + "\n\n");
  console.out.write(render::summary(board, log_tail_of(*paths, id), context.services.clock().now(),
                                    console.out_color, console.out.width()));
  console.out.write(interrupted_note(stored, *paths, id));
  return ExitCode::success;
}

}  // namespace pipeline::cli
