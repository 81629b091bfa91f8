// Plans for tests, from a few words a job, without a pipeline file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/plan/plan.h"

namespace pipeline::support {

struct JobSketch {
  std::string name;
  std::vector<std::string> needs = {};  // "lint?" for an optional one
  bool allow_failure = false;
  model::NeedsStatus status = model::NeedsStatus::success;
  std::optional<std::string> skip_reason = std::nullopt;
  base::Duration timeout = std::chrono::minutes(15);
  model::CommandWork work = {};
  std::optional<model::DeployWork> deploy = std::nullopt;  // instead of work
  std::optional<model::RetrySpec> retry = std::nullopt;
};

inline plan::Plan make_test_plan(const std::vector<JobSketch>& sketches) {
  plan::Plan plan;
  plan.pipeline.name = "test";
  for (const JobSketch& sketch : sketches) {
    model::Stage stage;
    stage.name = sketch.name;
    stage.allow_failure = sketch.allow_failure;
    stage.timeout = sketch.timeout;
    stage.retry = sketch.retry;
    stage.work = sketch.work;
    if (sketch.deploy) {
      stage.kind = model::StageKind::deploy;
      stage.work = *sketch.deploy;
    }
    plan::Job job;
    job.name = sketch.name;
    job.stage = plan.pipeline.stages.size();
    job.needs_status = sketch.status;
    job.skip_reason = sketch.skip_reason;
    for (std::string need : sketch.needs) {
      const bool optional = need.ends_with('?');
      if (optional) need.pop_back();
      for (std::size_t other = 0; other < plan.jobs.size(); ++other) {
        if (plan.jobs[other].name != need) continue;
        job.needs.push_back({other, optional});
        job.layers.push_back(other);
      }
    }
    plan.pipeline.stages.push_back(std::move(stage));
    plan.jobs.push_back(std::move(job));
  }
  return plan;
}

}  // namespace pipeline::support
