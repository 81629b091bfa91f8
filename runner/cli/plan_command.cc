// pipeline plan.
#include "pipelines/plan/render.h"
#include "pipelines/rollout/plan_text.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"

namespace pipeline::cli {

namespace {

// What each deploy stage that would run does, step by step.
std::string deployments(const plan::Plan& plan) {
  std::string text;
  for (const plan::Job& job : plan.jobs) {
    const auto* work = std::get_if<model::DeployWork>(&plan.stage_of(job).work);
    if (work == nullptr || job.skip_reason) continue;
    model::Environment environment = *plan.pipeline.find_environment(work->environment);
    if (work->strategy) environment.strategy = *work->strategy;
    text += "\n" + rollout::plan_text(environment);
  }
  return text;
}

}  // namespace

Outcome execute(const PlanOptions& options, Context& context) {
  PIPELINE_ASSIGN(ChosenTree tree, choose_tree(options.tree, context));
  PIPELINE_ASSIGN(const plan::Plan plan,
                  plan::make_plan(std::move(tree.pipeline), std::move(tree.facts),
                                  plan::Selection{options.stages}));
  context.console.out.write(options.format == Format::json
                                ? plan::plan_json(plan)
                                : plan::render_plan(plan) + deployments(plan));
  return ExitCode::success;
}

}  // namespace pipeline::cli
