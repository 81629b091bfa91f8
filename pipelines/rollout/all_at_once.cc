// All at once (big bang): everybody leaves, everybody changes, everybody comes back. One batch that
// is the fleet; nobody serves meanwhile, which is why it is refused without `allow_downtime`.
#include <algorithm>

#include "pipelines/rollout/in_batches.h"
#include "pipelines/rollout/strategy.h"

namespace pipeline::rollout {

Steps plan_all_at_once(const StrategyInput& input) {
  const auto everybody = std::max(input.old_fleet.size(), input.release.fleet.size());
  return plan_in_batches(input, static_cast<std::uint32_t>(everybody));
}

}  // namespace pipeline::rollout
