// pipeline plan.
#include "pipelines/plan/render.h"
#include "pipelines/rollout/plan_text.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"
#include "runner/cli/secret_sources.h"
#include "runner/engine/job_order.h"

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
  PIPELINE_ASSIGN(const auto sources, SecretSources::open(options.secrets, context));
  PIPELINE_ASSIGN(ChosenTree tree, choose_tree(options.tree, context));
  const std::string repository = tree.revision.repository;
  PIPELINE_ASSIGN(const plan::Plan plan,
                  plan::make_plan(std::move(tree.pipeline), std::move(tree.facts),
                                  plan::Selection{options.stages}));
  const auto names = engine::secrets_asked(plan, run::initial_state(plan));
  PIPELINE_ASSIGN(const auto origins, sources.origins(names, repository, context.services));
  context.console.out.write(options.format == Format::json
                                ? plan::plan_json(plan, origins)
                                : plan::render_plan(plan, origins) + deployments(plan));
  return ExitCode::success;
}

}  // namespace pipeline::cli
