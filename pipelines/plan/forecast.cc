#include "pipelines/plan/forecast.h"

namespace pipeline::plan {

std::vector<std::optional<std::string>> forecast_skips(const Plan& plan) {
  std::vector<std::optional<std::string>> skips(plan.jobs.size());
  // Needs point backwards, so one pass in order is enough.
  for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    skips[i] = job.skip_reason;
    if (skips[i] || job.needs_status == model::NeedsStatus::always) continue;
    for (const JobNeed& need : job.needs) {
      if (need.optional || !skips[need.job]) continue;
      skips[i] = "it needs " + plan.jobs[need.job].name + ", which is skipped";
      break;
    }
  }
  return skips;
}

}  // namespace pipeline::plan
