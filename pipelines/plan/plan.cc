#include "pipelines/plan/plan.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "pipelines/base/text.h"
#include "pipelines/model/stage_graph.h"
#include "pipelines/model/variable.h"
#include "pipelines/plan/condition.h"
#include "pipelines/plan/params.h"
#include "pipelines/plan/run_variables.h"

namespace pipeline::plan {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using model::CommandWork;
using model::DeployWork;
using model::Stage;
using model::StageGraph;
using model::StageKind;

constexpr std::size_t kNotPlanned = static_cast<std::size_t>(-1);

Error unknown_stage(const std::string& name, const model::Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const Stage& stage : pipeline.stages) names.push_back(stage.name);
  Error error(ErrorKind::invalid,
              "pipeline " + pipeline.name + " has no stage \"" + base::printable(name) + "\"");
  if (const auto near = base::nearest(name, names)) {
    return std::move(error).hint("did you mean \"" + *near + "\"?");
  }
  return std::move(error).hint("`pipeline graph` lists its stages");
}

// Which stages are wanted: the selected ones and all that they need.
Result<std::vector<bool>> wanted_stages(const model::Pipeline& pipeline, const StageGraph& graph,
                                        const Selection& selection) {
  std::vector<bool> wanted(graph.size(), selection.stages.empty());
  std::vector<std::size_t> open;
  for (const std::string& name : selection.stages) {
    const auto stage = graph.find(name);
    if (!stage) return base::fail(unknown_stage(name, pipeline));
    open.push_back(*stage);
  }
  while (!open.empty()) {
    const std::size_t stage = open.back();
    open.pop_back();
    if (wanted[stage]) continue;
    wanted[stage] = true;
    for (const model::StageEdge& edge : graph.needs(stage)) open.push_back(edge.stage);
  }
  return wanted;
}

bool has_outputs(const Stage& stage) {
  const auto* work = std::get_if<CommandWork>(&stage.work);
  return work != nullptr && !work->outputs.empty();
}

std::map<std::string, std::string> environment_of(const model::Pipeline& pipeline,
                                                  const Stage& stage, const Facts& facts) {
  std::map<std::string, std::string> env = {
      {"CI", "true"}, {"PIPELINE_NAME", pipeline.name}, {"PIPELINE_STAGE", stage.name}};
  const std::map<std::string, std::string> of_the_commit = {{"PIPELINE_EVENT", facts.event},
                                                            {"GIT_COMMIT", facts.commit},
                                                            {"GIT_BRANCH", facts.branch},
                                                            {"GIT_TAG", facts.tag}};
  for (const auto& [name, value] : of_the_commit) {
    if (is_given(stage, name)) env[name] = value;
  }
  for (const auto& [name, value] : facts.params) env[model::variable_name("PARAM_", name)] = value;
  if (const auto* work = std::get_if<CommandWork>(&stage.work)) {
    for (const auto& [name, value] : work->env) env[name] = value;
  }
  return env;
}

class Planner {
 public:
  Planner(const model::Pipeline& pipeline, const Facts& facts, const StageGraph& graph,
          std::vector<bool> wanted)
      : pipeline_(pipeline),
        facts_(facts),
        graph_(graph),
        wanted_(std::move(wanted)),
        closure_(graph, wanted_stages_with_outputs()),
        job_of_(graph.size(), kNotPlanned) {
    for (std::size_t i = 0; i < pipeline.stages.size(); ++i) {
      const auto* work = std::get_if<CommandWork>(&pipeline.stages[i].work);
      if (work == nullptr) continue;
      for (const auto& artifact : work->artifacts) maker_of_.emplace(artifact.name, i);
    }
  }

  Result<std::vector<Job>> run() {
    std::vector<Job> jobs;
    for (const std::size_t stage : graph_.order()) {
      if (!wanted_[stage]) continue;
      job_of_[stage] = jobs.size();
      PIPELINE_ASSIGN(Job job, plan_job(stage));
      jobs.push_back(std::move(job));
    }
    return jobs;
  }

 private:
  std::vector<std::size_t> wanted_stages_with_outputs() const {
    std::vector<std::size_t> stages;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i] && has_outputs(pipeline_.stages[i])) stages.push_back(i);
    }
    return stages;
  }

  Result<Job> plan_job(std::size_t index) const {
    const Stage& stage = pipeline_.stages[index];
    Job job;
    job.name = stage.name;
    job.stage = index;
    for (const model::StageEdge& edge : graph_.needs(index)) {
      job.needs.push_back({job_of_[edge.stage], edge.optional});
    }
    add_layers(stage, job);
    add_makers(stage, job);
    if (stage.when) {
      PIPELINE_ASSIGN(job.skip_reason, why_not(*stage.when, facts_));
      job.needs_status = stage.when->status.value_or(model::NeedsStatus::success);
    }
    job.env = environment_of(pipeline_, stage, facts_);
    return job;
  }

  // A deployment has no workspace, and an acceptance stage must not see the build tree.
  void add_layers(const Stage& stage, Job& job) const {
    if (stage.kind == StageKind::deploy || stage.kind == StageKind::acceptance) return;
    job.layers = closure_.of(job.stage);
    for (std::size_t& layer : job.layers) layer = job_of_[layer];
  }

  void add_makers(const Stage& stage, Job& job) const {
    const auto add = [&](const std::string& artifact) {
      const auto maker = maker_of_.find(artifact);
      if (maker != maker_of_.end()) job.artifact_makers[artifact] = job_of_[maker->second];
    };
    if (const auto* work = std::get_if<CommandWork>(&stage.work)) {
      for (const std::string& artifact : work->uses) add(artifact);
    } else if (const auto* deploy = std::get_if<DeployWork>(&stage.work)) {
      add(deploy->artifact);
    }
  }

  const model::Pipeline& pipeline_;
  const Facts& facts_;
  const StageGraph& graph_;
  std::vector<bool> wanted_;
  model::StageClosure closure_;
  std::vector<std::size_t> job_of_;  // by stage
  std::map<std::string_view, std::size_t> maker_of_;
};

}  // namespace

std::optional<std::size_t> Plan::find(std::string_view job_name) const {
  const auto found = std::ranges::find(jobs, job_name, &Job::name);
  if (found == jobs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - jobs.begin());
}

Result<Plan> make_plan(model::Pipeline pipeline, Facts facts, const Selection& selection) {
  PIPELINE_ASSIGN(facts.params, resolve_params(pipeline.params, std::move(facts.params)));
  std::vector<Job> jobs;
  {
    const StageGraph graph(pipeline);
    if (!graph.cycles().empty()) {
      return base::fail(ErrorKind::internal,
                        "the stages of the pipeline need each other in a circle");
    }
    PIPELINE_ASSIGN(std::vector<bool> wanted, wanted_stages(pipeline, graph, selection));
    PIPELINE_ASSIGN(jobs, Planner(pipeline, facts, graph, std::move(wanted)).run());
  }
  return Plan{std::move(pipeline), std::move(facts), std::move(jobs)};
}

}  // namespace pipeline::plan
