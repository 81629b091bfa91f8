#include "pipelines/model/strategy_rules.h"

#include <algorithm>

namespace pipeline::model {

std::uint32_t batch_size(const StrategySpec& strategy, std::uint32_t instances) {
  const std::uint64_t wanted = strategy.batch_is_percent
                                   ? (std::uint64_t{instances} * strategy.batch + 99) / 100
                                   : strategy.batch;
  const std::uint64_t most = std::max(instances, 1U);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(wanted, 1, most));
}

bool leaves_nobody_serving(const StrategySpec& strategy, std::uint32_t instances) {
  switch (strategy.kind) {
    case StrategyKind::all_at_once:
      return true;
    case StrategyKind::rolling:
      return batch_size(strategy, instances) >= instances;
    case StrategyKind::blue_green:
      return false;
  }
  return false;
}

std::uint32_t ports_needed(std::uint32_t instances) {
  return 2 * instances;
}

}  // namespace pipeline::model
