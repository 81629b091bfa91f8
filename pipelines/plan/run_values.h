// What `{branch}`, `{param.channel}` and their like stand for in a run, and the group that a run
// shares with others. Pure.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/pipeline.h"
#include "pipelines/model/placeholder.h"
#include "pipelines/plan/facts.h"

namespace pipeline::plan {

// The facts must outlive it.
model::PlaceholderValue values_of(const Facts& facts);

// `[concurrency] group`, filled in; empty when the pipeline has none. `facts` has every parameter.
base::Result<std::string> concurrency_group(const model::Pipeline& pipeline, const Facts& facts);

}  // namespace pipeline::plan
