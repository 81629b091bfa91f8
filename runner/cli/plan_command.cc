// pipeline plan.
#include <algorithm>

#include "pipelines/base/text.h"
#include "pipelines/plan/render.h"
#include "pipelines/rollout/plan_text.h"
#include "runner/cli/chosen_tree.h"
#include "runner/cli/commands.h"
#include "runner/cli/defined_environments.h"
#include "runner/cli/event_choice.h"
#include "runner/cli/render/table.h"
#include "runner/cli/secret_sources.h"
#include "runner/engine/job_order.h"
#include "runner/engine/reuse_forecast.h"

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

// Opens nothing where no stage has results that are used again.
base::Result<std::vector<std::string>> reuse_of(const ChosenTree& tree, const plan::Plan& plan,
                                                Context& context) {
  const auto has_inputs = [&](const plan::Job& job) {
    const auto* work = std::get_if<model::CommandWork>(&plan.stage_of(job).work);
    return work != nullptr && !work->inputs.empty();
  };
  std::vector<std::string> sentences;
  if (std::ranges::none_of(plan.jobs, has_inputs)) return sentences;
  PIPELINE_ASSIGN(store::RunStore* const store, context.services.runs());
  PIPELINE_ASSIGN(engine::Workbench* const workbench, context.services.workbench());
  run::RunSpec spec;
  spec.repository = tree.revision.repository;
  spec.pipeline = plan.pipeline.name;
  spec.facts = plan.facts;
  PIPELINE_ASSIGN(const auto forecasts, engine::forecast_reuse(*store, *workbench, spec, plan));
  for (const auto& forecast : forecasts) {
    sentences.push_back(forecast ? engine::describe(*forecast) : std::string());
  }
  return sentences;
}

// What becomes of the event that was asked about, if one was; the tree's facts are then those of
// the run that it would start.
base::Result<std::optional<plan::TriggerNote>> asked_event(const PlanOptions& options,
                                                           ChosenTree& tree, Context& context) {
  if (!options.event) return std::nullopt;
  PIPELINE_ASSIGN(const auto event, event_of(*options.event, tree.pipeline, tree.facts));
  tree.facts = facts_of(event, *options.event, tree.pipeline, std::move(tree.facts));
  PIPELINE_ASSIGN(auto note, note_of(event, tree.pipeline, context.services.clock().now()));
  return note;
}

std::string place_of(const config::ValueOrigin& origin, const std::vector<std::string>& files) {
  if (origin.span.line == 0) return "default of the language";
  return files.at(origin.span.file) + ":" + std::to_string(origin.span.line) +
         (origin.is_default ? " [defaults]" : "");
}

std::string table_of(const std::string& title, const std::vector<config::ValueOrigin>& values,
                     const std::vector<std::string>& files) {
  render::Table table({"key", "value", "from"});
  for (const config::ValueOrigin& origin : values)
    table.add({{origin.key}, {origin.value}, {place_of(origin, files)}});
  return "\n" + base::printable(title) + "\n" + table.render(render::Color::no, 0);
}

// Where every value of the planned stages was written, and of the environments that they deploy to.
std::string explanation(const plan::Plan& plan, const ChosenTree& tree) {
  std::string text = "\nwhere the values come from\n";
  for (const config::StageOrigins& stage : tree.origins) {
    const auto is_planned = [&](const plan::Job& job) {
      return plan.stage_of(job).name == stage.stage;
    };
    if (std::ranges::any_of(plan.jobs, is_planned))
      text += table_of(stage.stage, stage.values, tree.files);
  }
  for (const config::EnvironmentOrigins& one : tree.environment_origins) {
    const auto deploys_there = [&](const plan::Job& job) {
      const auto* work = std::get_if<model::DeployWork>(&plan.stage_of(job).work);
      return work != nullptr && work->environment == one.environment;
    };
    if (std::ranges::any_of(plan.jobs, deploys_there))
      text += table_of("environment " + one.environment, one.values, tree.files);
  }
  return text;
}

// With what a server defines, the tree here is planned as one of its repository's.
base::Result<ChosenTree> tree_of(const PlanOptions& options, Context& context) {
  if (!options.server.url) return choose_tree(options.tree, context);
  if (!options.tree.repository) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, "it is not said which of the server's repositories")
            .hint("--repo NAME says of which the tree here is; pipeline repo list shows them"));
  }
  TreeChoice here = options.tree;
  here.repository.reset();
  PIPELINE_ASSIGN(const auto environments,
                  environments_defined_at(options.server, *options.tree.repository));
  return choose_tree(here, context, environments);
}

}  // namespace

Outcome execute(const PlanOptions& options, Context& context) {
  PIPELINE_ASSIGN(const auto sources, SecretSources::open(options.secrets, context));
  PIPELINE_ASSIGN(ChosenTree tree, tree_of(options, context));
  const std::string repository = tree.revision.repository;
  plan::PlanNotes notes;
  PIPELINE_ASSIGN(notes.trigger, asked_event(options, tree, context));
  if (notes.trigger && !notes.trigger->answer.starts) {
    context.console.out.write(options.format == Format::json
                                  ? plan::trigger_json(tree.pipeline, *notes.trigger)
                                  : plan::render_trigger(*notes.trigger));
    return ExitCode::success;
  }
  PIPELINE_ASSIGN(const plan::Plan plan,
                  plan::make_plan(std::move(tree.pipeline), std::move(tree.facts),
                                  plan::Selection{options.stages}));
  const auto names = engine::secrets_asked(plan, run::initial_state(plan));
  PIPELINE_ASSIGN(notes.secrets, sources.origins(names, repository, context.services));
  PIPELINE_ASSIGN(notes.reuse, reuse_of(tree, plan, context));
  context.console.out.write(options.format == Format::json
                                ? plan::plan_json(plan, notes)
                                : plan::render_plan(plan, notes) + deployments(plan));
  if (options.explain && options.format == Format::text) {
    context.console.out.write(explanation(plan, tree));
  }
  return ExitCode::success;
}

}  // namespace pipeline::cli
