// The graph of jobs of one run: pipeline × facts × selection, decided once, before anything starts.
// Pure and deterministic, so that whoever takes a run over makes the same plan again from the run's
// first event.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/pipeline.h"
#include "pipelines/plan/facts.h"

namespace pipeline::plan {

struct JobNeed {
  std::size_t job = 0;  // index in Plan::jobs, always smaller than the needing job's own index
  bool optional = false;
};

struct Job {
  std::string
      name;  // unique in the run; the stage's name (with a matrix: `integration[database=sqlite]`)
  std::size_t stage = 0;                 // index in Plan::pipeline.stages
  model::MatrixCell cell;                // of the stage's matrix
  std::optional<model::SplitPart> part;  // of the stage's split
  // The stage as this job means it (stage_jobs.h); null: as it stands in the pipeline.
  std::shared_ptr<const model::Stage> own_stage;
  std::vector<JobNeed> needs;
  // Jobs whose outputs are laid into the workspace: those in the closure of needs that declare
  // outputs, in file order. Always empty for an acceptance stage: it tests what ships.
  std::vector<std::size_t> layers;
  // For each artifact in `uses`, and for a deploy stage its artifact: the job that makes it.
  std::map<std::string, std::size_t> artifact_makers;
  // Decided before the run: `when` does not hold. What depends on needs' results is decided by
  // pipelines/run.
  std::optional<std::string> skip_reason;
  // Parallel to the stage's services: why the job runs without this one; none: it has it.
  std::vector<std::optional<std::string>> service_skips;
  model::NeedsStatus needs_status = model::NeedsStatus::success;
  // CI, PIPELINE_NAME, PIPELINE_STAGE, PARAM_*, the stage's own env, and PIPELINE_EVENT and GIT_*
  // as far as the job is given them (run_variables.h). What only the run knows (PIPELINE_RUN,
  // PIPELINE_ATTEMPT, WORKSPACE, ARTIFACT_*, secrets) is added where the job is ordered.
  std::map<std::string, std::string> env;
};

struct Plan {
  model::Pipeline pipeline;
  Facts facts;
  std::vector<Job>
      jobs;  // in file order, which is a topological order after stages are sorted stably

  const model::Stage& stage_of(const Job& job) const {
    return job.own_stage ? *job.own_stage : pipeline.stages[job.stage];
  }
  // Those that the job has, in the order they start in.
  std::vector<const model::ServiceSpec*> services_of(const Job& job) const;
  std::optional<std::size_t> find(std::string_view job_name) const;
};

// What of the pipeline is wanted: everything, or what is named and all that it needs. A name is a
// stage's, or that of one job of a matrix: "integration[database=sqlite]".
struct Selection {
  std::vector<std::string> stages;  // empty: all
};

// Fails with ErrorKind::invalid for an unknown stage, parameter or parameter value, with a hint.
base::Result<Plan> make_plan(model::Pipeline pipeline, Facts facts, const Selection& selection);

}  // namespace pipeline::plan
