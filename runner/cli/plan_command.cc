// pipeline plan.
#include "pipelines/plan/render.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"

namespace pipeline::cli {

Outcome execute(const PlanOptions& options, Context& context) {
  PIPELINE_ASSIGN(ChosenTree tree, choose_tree(options.tree, context));
  PIPELINE_ASSIGN(const plan::Plan plan,
                  plan::make_plan(std::move(tree.pipeline), std::move(tree.facts),
                                  plan::Selection{options.stages}));
  context.console.out.write(options.format == Format::json ? plan::plan_json(plan)
                                                           : plan::render_plan(plan));
  return ExitCode::success;
}

}  // namespace pipeline::cli
