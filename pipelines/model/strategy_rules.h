// What a strategy's numbers mean and what they cost. One truth for whoever validates a pipeline
// file (pipelines/config) and whoever plans a deployment (pipelines/rollout). Pure.
#pragma once

#include <cstdint>

#include "pipelines/model/environment.h"

namespace pipeline::model {

// Instances that leave the switch at a time, of a fleet of so many: the percent rounded up, at
// least 1, at most all.
std::uint32_t batch_size(const StrategySpec& strategy, std::uint32_t instances);

// A moment comes at which no instance serves, though nothing fails: needs `allow_downtime`.
bool leaves_nobody_serving(const StrategySpec& strategy, std::uint32_t instances);

// Ports that an environment has to have: for the old fleet and for the new one, also where a
// strategy does not run them side by side. `rollback` does, whatever the strategy, and a way back
// must find the ports of the old fleet free.
std::uint32_t ports_needed(std::uint32_t instances);

}  // namespace pipeline::model
