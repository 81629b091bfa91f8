#include "runner/cli/prepared_run.h"

#include "pipelines/plan/run_values.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/drive.h"
#include "runner/cli/event_choice.h"
#include "runner/cli/user_name.h"

namespace pipeline::cli {

namespace {

run::RunSpec spec_of(const ChosenTree& tree, const RunOptions& options, const plan::Plan& plan) {
  run::RunSpec spec;
  spec.repository = tree.revision.repository;
  spec.pipeline = plan.pipeline.name;
  spec.pipeline_file = tree.source.file;
  spec.pipeline_text = tree.source.text;
  spec.included = tree.included;
  spec.server_environments = tree.server_environments;
  spec.facts = plan.facts;
  spec.stages = options.stages;
  spec.no_cache = options.no_cache;
  spec.keep = options.keep;
  spec.jobs = jobs_at_a_time(options.jobs);
  spec.detached = options.detach;
  spec.cause = options.cause.empty() ? user_name() : options.cause;
  return spec;
}

base::Result<PreparedRun> plan_run(const ChosenTree& tree, const RunOptions& options) {
  PIPELINE_ASSIGN(plan::Plan plan,
                  plan::make_plan(tree.pipeline, tree.facts, plan::Selection{options.stages}));
  run::RunSpec spec = spec_of(tree, options, plan);
  PIPELINE_ASSIGN(spec.concurrency_group, plan::concurrency_group(plan.pipeline, plan.facts));
  return PreparedRun{std::move(spec), std::move(plan)};
}

}  // namespace

base::Result<PreparedRun> prepare_run(const RunOptions& options, Context& context) {
  PIPELINE_ASSIGN(const ChosenTree tree, choose_tree(options.tree, context));
  return plan_run(tree, options);
}

base::Result<std::optional<PreparedRun>> prepare_triggered(const RunOptions& options,
                                                           const EventWish& wish,
                                                           Context& context) {
  PIPELINE_ASSIGN(ChosenTree tree, choose_tree(options.tree, context));
  PIPELINE_ASSIGN(const plan::TriggerEvent event, event_of(wish, tree.pipeline, tree.facts));
  PIPELINE_ASSIGN(const plan::TriggerAnswer answer,
                  plan::would_start(tree.pipeline.triggers, event));
  if (!answer.starts) return std::nullopt;
  tree.facts = facts_of(event, wish, tree.pipeline, std::move(tree.facts));
  PIPELINE_ASSIGN(PreparedRun prepared, plan_run(tree, options));
  const auto* const firing = std::get_if<plan::Firing>(&event);
  if (firing != nullptr && wish.due) prepared.spec.firing = {firing->schedule, *wish.due};
  prepared.spec.after = wish.after;
  return std::optional(std::move(prepared));
}

}  // namespace pipeline::cli
