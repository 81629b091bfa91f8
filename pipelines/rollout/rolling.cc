// Rolling: batches leave the switch, change, come back healthy. Capacity: the fleet less one batch.
#include "pipelines/model/strategy_rules.h"
#include "pipelines/rollout/in_batches.h"
#include "pipelines/rollout/strategy.h"

namespace pipeline::rollout {

Steps plan_rolling(const StrategyInput& input) {
  const auto instances = static_cast<std::uint32_t>(input.release.fleet.size());
  return plan_in_batches(input, model::batch_size(input.release.environment.strategy, instances));
}

}  // namespace pipeline::rollout
