// The jobs that one stage comes to: one, or one for each cell of its matrix and each part of its
// split. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/stage.h"
#include "pipelines/plan/facts.h"

namespace pipeline::plan {

struct StageJob {
  std::string name;  // "integration[database=postgres]", "unit[split=1/4]"
  model::MatrixCell cell;
  std::optional<model::SplitPart> part;
  // The stage as this job means it, placeholders filled in; null where nothing differs.
  std::shared_ptr<const model::Stage> stage;
};

// The stage with what its cache keys say of the run filled in; `{files:…}` stays, which only the
// tree can tell. Null where no key has a placeholder.
base::Result<std::shared_ptr<const model::Stage>> with_cache_keys(const model::Stage& stage,
                                                                  const Facts& facts,
                                                                  const model::MatrixCell& cell);

// In the order of the cells, and of the parts within one. Fails for a placeholder without a value,
// which the reader refuses.
base::Result<std::vector<StageJob>> jobs_of(const model::Stage& stage);

}  // namespace pipeline::plan
