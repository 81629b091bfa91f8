// What `pipeline plan` says of results: which job would be reused, and what keeps another one from
// it. Reads, and changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "runner/engine/workbench.h"
#include "runner/store/run_store.h"

namespace pipeline::engine {

struct ReuseForecast {
  bool reused = false;
  run::RunId run = 0;  // whose result it is; else that of the newest success, 0: there was none
  std::vector<std::string> changes;  // since the newest success, at most a few
};

// Parallel to Plan::jobs; none for a job whose results are never used again. Fails when the tree
// cannot be listed.
base::Result<std::vector<std::optional<ReuseForecast>>> forecast_reuse(store::RunStore& store,
                                                                       Workbench& workbench,
                                                                       const run::RunSpec& spec,
                                                                       const plan::Plan& plan);

// "result of run 12 is used", "src/a.cc changed since run 12", "no earlier success".
std::string describe(const ReuseForecast& forecast);

}  // namespace pipeline::engine
