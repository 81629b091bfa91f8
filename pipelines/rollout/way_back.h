// The way back to the release that served before, the way on for a deployment whose driver died
// after the promotion, and the repair of what broke since. Made from what was journalled and from
// what is really there, so that they hold from any step.
#pragma once

#include <set>
#include <string>

#include "pipelines/rollout/record.h"
#include "pipelines/rollout/step.h"

namespace pipeline::rollout {

// What is there, whatever the journal says.
struct Reality {
  std::set<std::string> healthy;  // instances that run and answered a probe just now
  bool switch_running = false;
  Traffic traffic;  // empty while the switch does not run
};

// Ends with the switch exactly as it was before the deployment, with every instance of the old
// release healthy, and with nothing of the new one. The present traffic, less what is unhealthy,
// serves until the old instances are back. Without an old release it ends with nothing running.
Steps plan_way_back(const EnvironmentRecord& record, const Reality& reality);

// From `promoted` to `retaining`: makes sure that the new release serves.
Steps plan_way_on(const EnvironmentRecord& record);

// For an environment in which nothing is under way: brings back what the record says serves, and
// makes users reach it. Empty when that is so.
Steps plan_repair(const EnvironmentRecord& record, const Reality& reality);

// From `retaining` to `cleaned`: ends the previous fleet and deletes releases beyond the retained
// ones.
Steps plan_cleaning(const EnvironmentRecord& record);

}  // namespace pipeline::rollout
