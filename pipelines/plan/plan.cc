#include "pipelines/plan/plan.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "pipelines/base/text.h"
#include "pipelines/model/stage_graph.h"
#include "pipelines/model/variable.h"
#include "pipelines/plan/condition.h"
#include "pipelines/plan/params.h"
#include "pipelines/plan/run_variables.h"
#include "pipelines/plan/split.h"
#include "pipelines/plan/stage_jobs.h"
#include "pipelines/plan/trust.h"

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

// What of the pipeline is planned.
struct Wanted {
  std::vector<bool> stages;
  // Of stages that are wanted for some of their jobs only: these.
  std::map<std::size_t, std::set<std::string>> jobs;

  bool contains(std::size_t stage, const std::string& job) const {
    const auto some = jobs.find(stage);
    return stages[stage] && (some == jobs.end() || some->second.contains(job));
  }
};

Error unknown_job(const std::string& name, const Stage& stage, const std::vector<StageJob>& jobs) {
  std::vector<std::string> names;
  names.reserve(jobs.size());
  for (const StageJob& job : jobs) names.push_back(job.name);
  Error error(ErrorKind::invalid,
              "stage " + stage.name + " has no job \"" + base::printable(name) + "\"");
  const auto near = base::nearest(name, names);
  return std::move(error).hint("did you mean \"" + near.value_or(names.front()) + "\"?");
}

// Resolves the names of a selection, then adds all that is needed.
class Chooser {
 public:
  Chooser(const model::Pipeline& pipeline, const StageGraph& graph)
      : pipeline_(pipeline), graph_(graph) {}

  Result<Wanted> choose(const Selection& selection) {
    wanted_.stages.assign(graph_.size(), selection.stages.empty());
    for (const std::string& name : selection.stages) PIPELINE_TRY(add(name));
    // What is needed whole is not wanted in part.
    for (const std::size_t stage : whole_) wanted_.jobs.erase(stage);
    return std::move(wanted_);
  }

 private:
  Result<> add(const std::string& name) {
    const std::size_t bracket = name.find('[');
    const auto stage = graph_.find(name.substr(0, bracket));
    if (!stage) return base::fail(unknown_stage(name, pipeline_));
    if (bracket == std::string::npos) {
      whole_.insert(*stage);
    } else {
      PIPELINE_ASSIGN(const std::vector<StageJob> jobs, jobs_of(pipeline_.stages[*stage]));
      if (std::ranges::find(jobs, name, &StageJob::name) == jobs.end()) {
        return base::fail(unknown_job(name, pipeline_.stages[*stage], jobs));
      }
      wanted_.jobs[*stage].insert(name);
    }
    add_with_needs(*stage);
    return {};
  }

  void add_with_needs(std::size_t first) {
    std::vector<std::size_t> open = {first};
    while (!open.empty()) {
      const std::size_t stage = open.back();
      open.pop_back();
      if (wanted_.stages[stage]) continue;
      wanted_.stages[stage] = true;
      for (const model::StageEdge& edge : graph_.needs(stage)) {
        whole_.insert(edge.stage);
        open.push_back(edge.stage);
      }
    }
  }

  const model::Pipeline& pipeline_;
  const StageGraph& graph_;
  Wanted wanted_;
  std::set<std::size_t> whole_;
};

bool has_outputs(const Stage& stage) {
  const auto* work = std::get_if<CommandWork>(&stage.work);
  return work != nullptr && !work->outputs.empty();
}

// Linux's MAX_ARG_STRLEN, less "SPLIT_FILES=" and the end of the string.
constexpr std::size_t kLongestList = (std::size_t{128} << 10U) - 13;

Result<> add_part(const Stage& stage, const Facts& facts, const model::SplitPart& part,
                  std::map<std::string, std::string>& env) {
  env["SPLIT_INDEX"] = std::to_string(part.index);
  env["SPLIT_TOTAL"] = std::to_string(part.total);
  const auto files = share_of(facts, stage.name, part);
  if (!files) return {};
  std::string list = base::join(*files, "\n");
  if (list.size() > kLongestList) {
    return base::fail(Error(ErrorKind::invalid,
                            "stage " + stage.name + ": the files of part " +
                                std::to_string(part.index) + " make a list of " +
                                std::to_string(list.size()) + " bytes, which no variable can hold")
                          .hint("split it in more parts, or leave `files` out and let the test "
                                "tool find its share by SPLIT_INDEX"));
  }
  env["SPLIT_FILES"] = std::move(list);
  return {};
}

Result<std::map<std::string, std::string>> environment_of(const model::Pipeline& pipeline,
                                                          const Stage& stage, const Facts& facts,
                                                          const Job& job) {
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
  for (const auto& [name, value] : job.cell) env[model::variable_name("MATRIX_", name)] = value;
  if (job.part) PIPELINE_TRY(add_part(stage, facts, *job.part, env));
  if (const auto* work = std::get_if<CommandWork>(&stage.work)) {
    for (const auto& [name, value] : work->env) env[name] = value;
  }
  return env;
}

// Whose `when` does not hold, and why.
Result<std::vector<std::optional<std::string>>> service_skips(const Stage& stage,
                                                              const Facts& facts,
                                                              const model::MatrixCell& cell) {
  std::vector<std::optional<std::string>> skips;
  const auto* work = std::get_if<CommandWork>(&stage.work);
  if (work == nullptr) return skips;
  skips.resize(work->services.size());
  for (std::size_t i = 0; i < skips.size(); ++i) {
    if (!work->services[i].when) continue;
    PIPELINE_ASSIGN(skips[i], why_not(*work->services[i].when, facts, cell));
  }
  return skips;
}

class Planner {
 public:
  Planner(const model::Pipeline& pipeline, const Facts& facts, const StageGraph& graph,
          Wanted wanted)
      : pipeline_(pipeline),
        facts_(facts),
        graph_(graph),
        wanted_(std::move(wanted)),
        closure_(graph, wanted_stages_with_outputs()),
        jobs_of_stage_(graph.size()) {}

  Result<std::vector<Job>> run() {
    for (const std::size_t stage : graph_.order()) {
      if (wanted_.stages[stage]) PIPELINE_TRY(plan_stage(stage));
    }
    return std::move(jobs_);
  }

 private:
  std::vector<std::size_t> wanted_stages_with_outputs() const {
    std::vector<std::size_t> stages;
    for (std::size_t i = 0; i < wanted_.stages.size(); ++i) {
      if (wanted_.stages[i] && has_outputs(pipeline_.stages[i])) stages.push_back(i);
    }
    return stages;
  }

  Result<> plan_stage(std::size_t index) {
    PIPELINE_ASSIGN(std::vector<StageJob> of_stage, jobs_of(pipeline_.stages[index]));
    for (StageJob& one : of_stage) {
      if (!wanted_.contains(index, one.name)) continue;
      PIPELINE_ASSIGN(Job job, plan_job(index, std::move(one)));
      jobs_of_stage_[index].push_back(jobs_.size());
      jobs_.push_back(std::move(job));
    }
    for (const std::size_t job : jobs_of_stage_[index]) note_artifacts(job);
    return {};
  }

  // As Plan::stage_of, of a plan that is not made yet.
  const Stage& stage_of(const Job& job) const {
    return job.own_stage ? *job.own_stage : pipeline_.stages[job.stage];
  }

  Result<Job> plan_job(std::size_t index, StageJob one) const {
    Job job;
    job.name = std::move(one.name);
    job.stage = index;
    job.cell = std::move(one.cell);
    job.part = one.part;
    job.own_stage = std::move(one.stage);
    PIPELINE_ASSIGN(auto with_keys, with_cache_keys(stage_of(job), facts_, job.cell));
    if (with_keys) job.own_stage = std::move(with_keys);
    const Stage& stage = stage_of(job);
    for (const model::StageEdge& edge : graph_.needs(index)) add_needs(edge, job);
    add_layers(stage, job);
    add_makers(stage, job);
    if (stage.when) {
      PIPELINE_ASSIGN(job.skip_reason, why_not(*stage.when, facts_, job.cell));
      job.needs_status = stage.when->status.value_or(model::NeedsStatus::success);
    }
    if (!job.skip_reason) job.skip_reason = why_untrusted_may_not(stage, facts_);
    PIPELINE_ASSIGN(job.service_skips, service_skips(stage, facts_, job.cell));
    PIPELINE_ASSIGN(job.env, environment_of(pipeline_, stage, facts_, job));
    // Most test tools that are given no file run all of them.
    const auto share = job.env.find("SPLIT_FILES");
    if (share != job.env.end() && share->second.empty() && !job.skip_reason) {
      job.skip_reason = "there are fewer files than parts";
    }
    return job;
  }

  // A cell that its own values keep from running does not stand for its stage as long as another
  // cell does.
  void add_needs(const model::StageEdge& edge, Job& job) const {
    const std::vector<std::size_t>& needed = jobs_of_stage_[edge.stage];
    const auto runs = [this](std::size_t other) { return !jobs_[other].skip_reason; };
    const bool some_run = std::ranges::any_of(needed, runs);
    for (const std::size_t other : needed) {
      if (!some_run || runs(other)) job.needs.push_back({other, edge.optional});
    }
  }

  // Deployments and approvals have no workspace, and an acceptance stage must not see the build
  // tree.
  void add_layers(const Stage& stage, Job& job) const {
    if (!std::holds_alternative<CommandWork>(stage.work) || stage.kind == StageKind::acceptance) {
      return;
    }
    for (const std::size_t below : closure_.of(job.stage)) {
      job.layers.insert(job.layers.end(), jobs_of_stage_[below].begin(),
                        jobs_of_stage_[below].end());
    }
  }

  void note_artifacts(std::size_t job) {
    const auto* work = std::get_if<CommandWork>(&stage_of(jobs_[job]).work);
    if (work == nullptr) return;
    for (const auto& artifact : work->artifacts) maker_of_.emplace(artifact.name, job);
  }

  void add_makers(const Stage& stage, Job& job) const {
    const auto add = [&](const std::string& artifact) {
      const auto maker = maker_of_.find(artifact);
      if (maker != maker_of_.end()) job.artifact_makers[artifact] = maker->second;
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
  Wanted wanted_;
  model::StageClosure closure_;
  std::vector<Job> jobs_;
  std::vector<std::vector<std::size_t>> jobs_of_stage_;
  std::map<std::string, std::size_t> maker_of_;  // artifact → job
};

}  // namespace

std::vector<const model::ServiceSpec*> Plan::services_of(const Job& job) const {
  std::vector<const model::ServiceSpec*> services;
  const auto* work = std::get_if<CommandWork>(&stage_of(job).work);
  for (std::size_t i = 0; i < job.service_skips.size(); ++i) {
    if (!job.service_skips[i]) services.push_back(&work->services[i]);
  }
  return services;
}

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
    PIPELINE_ASSIGN(Wanted wanted, Chooser(pipeline, graph).choose(selection));
    PIPELINE_ASSIGN(jobs, Planner(pipeline, facts, graph, std::move(wanted)).run());
  }
  return Plan{std::move(pipeline), std::move(facts), std::move(jobs)};
}

}  // namespace pipeline::plan
