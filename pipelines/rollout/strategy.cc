#include "pipelines/rollout/strategy.h"

#include <algorithm>

#include "pipelines/model/strategy_rules.h"

namespace pipeline::rollout {

using model::StrategyKind;
using model::StrategySpec;

std::uint32_t capacity_promised(const StrategySpec& strategy, std::uint32_t old_instances,
                                std::uint32_t new_instances) {
  const std::uint32_t smaller = std::min(old_instances, new_instances);
  switch (strategy.kind) {
    case StrategyKind::all_at_once:
      return 0;
    case StrategyKind::rolling:
      return smaller - std::min(smaller, model::batch_size(strategy, new_instances));
    case StrategyKind::blue_green:
      return smaller;
  }
  return 0;
}

Steps plan_deployment(const StrategyInput& input) {
  // Nobody is served yet, so nothing has to be replaced piece by piece.
  if (input.old_fleet.empty()) return plan_blue_green(input);
  switch (input.release.environment.strategy.kind) {
    case StrategyKind::all_at_once:
      return plan_all_at_once(input);
    case StrategyKind::rolling:
      return plan_rolling(input);
    case StrategyKind::blue_green:
      break;
  }
  return plan_blue_green(input);
}

}  // namespace pipeline::rollout
