// A deployment as `pipeline plan` shows it before it happens.
#pragma once

#include <string>

#include "pipelines/model/environment.h"

namespace pipeline::rollout {

// One line a step, numbered, without ports (those are chosen when it happens): what the
// environment's strategy does when a full fleet of an earlier release serves. Ends in a newline.
std::string plan_text(const model::Environment& environment);

}  // namespace pipeline::rollout
