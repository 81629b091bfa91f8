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
// "runs pipeline package with channel=nightly"
std::string describe(const model::ChildWork& work);
// "group deploy-main, one at a time; a newer run cancels those that wait"; empty: there is none.
std::string describe_concurrency(const Plan& plan);
// "command pg_isready -h /tmp, within 30s", "port 6379, within 20s", "http://127.0.0.1:80/health,
// within 30s"; "at once" without `ready`.
std::string describe_ready(const model::ServiceSpec& service);

// The strategy a deploy stage uses: its own, else that of its environment.
const model::StrategySpec& strategy_of(const model::DeployWork& work,
                                       const model::Environment& environment);

}  // namespace pipeline::plan
