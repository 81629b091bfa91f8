// Replacing a fleet in place, so many instances at a time: what rolling and all-at-once share.
#pragma once

#include "pipelines/rollout/strategy.h"

namespace pipeline::rollout {

// Each round takes up to `batch` old instances out of the switch and brings up to `batch` new ones
// in, until both fleets are through. The gates are asked before the first round's new instances get
// a request. Requires an old fleet and batch ≥ 1.
Steps plan_in_batches(const StrategyInput& input, std::uint32_t batch);

}  // namespace pipeline::rollout
