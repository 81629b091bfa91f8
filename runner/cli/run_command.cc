// pipeline run.
#include "pipelines/plan/run_values.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"
#include "runner/cli/drive.h"
#include "runner/cli/in_background.h"

namespace pipeline::cli {

namespace {

run::RunSpec spec_of(const ChosenTree& tree, const RunOptions& options, const plan::Plan& plan) {
  run::RunSpec spec;
  spec.repository = tree.revision.repository;
  spec.pipeline = plan.pipeline.name;
  spec.pipeline_file = tree.source.file;
  spec.pipeline_text = tree.source.text;
  spec.included = tree.included;
  spec.facts = plan.facts;
  spec.stages = options.stages;
  spec.no_cache = options.no_cache;
  spec.keep = options.keep;
  spec.jobs = jobs_at_a_time(options.jobs);
  spec.detached = options.detach;
  return spec;
}

Outcome run_here(const RunOptions& options, SecretSources secrets, Context& context,
                 Detachment* detachment) {
  // Jobs of a detached run are started by their supervisors.
  if (detachment == nullptr) context.services.expect_jobs(options.sandbox);
  PIPELINE_ASSIGN(ChosenTree tree, choose_tree(options.tree, context));
  PIPELINE_ASSIGN(plan::Plan plan,
                  plan::make_plan(tree.pipeline, tree.facts, plan::Selection{options.stages}));
  run::RunSpec spec = spec_of(tree, options, plan);
  PIPELINE_ASSIGN(spec.concurrency_group, plan::concurrency_group(plan.pipeline, plan.facts));
  DriveOptions driving{std::move(secrets), options.jobs, options.sandbox, options.no_wait,
                       options.format};
  if (detachment != nullptr) driving.leave_by(*detachment);
  return drive(driving, context,
               [&](const engine::Surroundings& around, engine::Settings settings) {
                 return engine::Engine::create(around, std::move(settings), std::move(spec),
                                               std::move(plan));
               });
}

}  // namespace

Outcome execute(const RunOptions& options, Context& context) {
  return work_here_or_in_background(options.detach, options.secrets, options.format, context,
                                    [&](SecretSources secrets, Detachment* detachment) {
                                      return run_here(options, std::move(secrets), context,
                                                      detachment);
                                    });
}

}  // namespace pipeline::cli
