// Single facts about jobs as short phrases, shared by the plan's text and its JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/environment.h"
#include "pipelines/model/stage.h"
#include "pipelines/plan/plan.h"

namespace pipeline::plan {

// What a stage asks beyond the defaults: {"network host", "memory 8.0 GiB"}.
std::vector<std::string> sandbox_asks(const model::SandboxSpec& sandbox);

// "rolling, 25% at a time, bake 1m".
std::string describe(const model::StrategySpec& strategy);
// "toggle: new-checkout off", "smoke: 2 commands".
std::string describe(const model::GateSpec& gate);

// "up to 2 further attempts when errored or failed, waiting 5s and longer".
std::string describe(const model::RetrySpec& retry);
// "waits for approval by alice or group release", "waits for anybody's approval".
std::string describe(const model::ApprovalWork& work);

// The strategy a deploy stage uses: its own, else that of its environment.
const model::StrategySpec& strategy_of(const model::DeployWork& work,
                                       const model::Environment& environment);

}  // namespace pipeline::plan
