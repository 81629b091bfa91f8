// Strategies: pure functions from what runs and what shall run to an ordered list of steps. One
// file each.
//
// The list goes from `approved` to `retaining`. The way back from any of its steps is not part of
// it: see way_back.h, which looks at reality. With no old fleet every strategy does the same: start
// everything, prove it, send traffic.
#pragma once

#include <cstdint>

#include "pipelines/model/environment.h"
#include "pipelines/rollout/release.h"
#include "pipelines/rollout/step.h"

namespace pipeline::rollout {

struct StrategyInput {
  Fleet old_fleet;  // of the release that serves now; empty: none
  Traffic before;   // what the switch does now: exactly old_fleet's endpoints
  Release release;  // the new one, its fleet named and with ports
};

// Healthy instances that users reach at every moment, whatever fails: the promise of the table in
// the documentation.
std::uint32_t capacity_promised(const model::StrategySpec& strategy, std::uint32_t old_instances,
                                std::uint32_t new_instances);

// The steps of the strategy that the release's environment names.
Steps plan_deployment(const StrategyInput& input);

// For a person who goes back to an earlier release: as blue-green, but nothing holds it up. No
// gates, no bake; a fleet that is `warm`, up and healthy, gets all requests at once.
enum class Fleets { cold, warm };
Steps plan_return(const StrategyInput& input, Fleets fleets);

Steps plan_all_at_once(const StrategyInput& input);
Steps plan_rolling(const StrategyInput& input);
Steps plan_blue_green(const StrategyInput& input);

}  // namespace pipeline::rollout
