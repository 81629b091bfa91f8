// Whether a stage's `when` holds, as far as it can be told before the run, and why not. Pure.
#pragma once

#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/condition.h"
#include "pipelines/model/matrix.h"
#include "pipelines/plan/facts.h"

namespace pipeline::plan {

// A sentence's predicate when it does not hold: `the branch is "topic", not "main"`. `status` is
// left to the run. Fails when a pattern cannot be compiled, which the reader refuses.
base::Result<std::optional<std::string>> why_not(const model::Condition& condition,
                                                 const Facts& facts,
                                                 const model::MatrixCell& cell = {});

// What is asked, for a person: `branch "main" and event "push"`; empty when nothing is.
std::string describe(const model::Condition& condition);

}  // namespace pipeline::plan
