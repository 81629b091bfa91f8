#include "pipelines/rollout/way_back.h"

#include <algorithm>

#include "pipelines/rollout/colour.h"

namespace pipeline::rollout {

namespace {

Fleet unhealthy(const Fleet& fleet, const Reality& reality) {
  Fleet missing;
  for (const Instance& instance : fleet) {
    if (!reality.healthy.contains(instance.name)) missing.push_back(instance);
  }
  return missing;
}

Fleet seen_in(const Traffic& traffic, const Fleet& fleet) {
  Fleet seen;
  for (const Instance& instance : fleet) {
    const auto is_it = [&](const Endpoint& endpoint) { return endpoint.instance == instance.name; };
    if (std::ranges::any_of(traffic.blue, is_it) || std::ranges::any_of(traffic.green, is_it)) {
      seen.push_back(instance);
    }
  }
  return seen;
}

// `after`, with the endpoints of `leaving` still there but getting nothing new.
Traffic with_draining(Traffic after, const Traffic& now, const Fleet& leaving) {
  for (const Colour colour : {Colour::blue, Colour::green}) {
    for (Endpoint endpoint : endpoints(now, colour)) {
      if (!contains(leaving, endpoint.instance)) continue;
      endpoint.state = EndpointState::draining;
      endpoints(after, colour).push_back(endpoint);
    }
  }
  return after;
}

void bring_up(Steps& steps, const Fleet& fleet) {
  steps.emplace_back(StartInstances{fleet});
  steps.emplace_back(AwaitHealthy{fleet});
}

// Brings the old instances back that are not healthy; what is healthy serves meanwhile.
void revive(Steps& steps, const Fleet& missing, const Reality& reality) {
  if (missing.empty()) return;
  const Traffic healthy = filtered(reality.traffic, [&](const Endpoint& endpoint) {
    return reality.healthy.contains(endpoint.instance);
  });
  if (healthy != reality.traffic && !reachable(healthy).empty()) {
    steps.emplace_back(AssignTraffic{healthy});
  }
  bring_up(steps, missing);
}

void take_out(Steps& steps, const Fleet& leaving, const Reality& reality, const Traffic& after) {
  const Fleet seen = seen_in(reality.traffic, leaving);
  if (!seen.empty()) {
    steps.emplace_back(AssignTraffic{with_draining(after, reality.traffic, seen)});
    steps.emplace_back(Drain{seen});
  }
  steps.emplace_back(AssignTraffic{after});
}

}  // namespace

Steps plan_way_back(const EnvironmentRecord& record, const Reality& reality) {
  const Deployment& deployment = *record.deployment;
  const Fleet new_fleet = record.fleet_of(deployment.release);
  const Fleet old_fleet = record.fleet_of(deployment.old_release);
  Steps steps;
  if (!old_fleet.empty()) {
    steps.emplace_back(EnsureSwitch{});
    revive(steps, unhealthy(old_fleet, reality), reality);
    take_out(steps, new_fleet, reality, deployment.before);
  } else if (reality.switch_running) {
    take_out(steps, new_fleet, reality, {});
  }
  steps.emplace_back(StopInstances{new_fleet});
  if (old_fleet.empty()) steps.emplace_back(ShutDownSwitch{});
  if (deployment.kind == DeploymentKind::deploy) {
    steps.emplace_back(RemoveRelease{deployment.release});
  }
  steps.emplace_back(Enter{State::rolled_back});
  return steps;
}

Steps plan_way_on(const EnvironmentRecord& record) {
  const Fleet fleet = record.fleet_of(record.current);
  Steps steps = {EnsureSwitch{}, StartInstances{fleet}, AwaitHealthy{fleet},
                 AssignTraffic{record.traffic}};
  if (record.deployment->kind == DeploymentKind::deploy) {
    steps.emplace_back(AskGates{GateTime::after_promotion});
  }
  steps.emplace_back(Enter{State::retaining});
  return steps;
}

Steps plan_repair(const EnvironmentRecord& record, const Reality& reality) {
  const Fleet fleet = record.fleet_of(record.current);
  if (fleet.empty()) return {};
  const Fleet missing = unhealthy(fleet, reality);
  // A warm fleet that is gone too stays gone: nobody needs it to be served.
  const Traffic wanted = filtered(record.traffic, [&](const Endpoint& endpoint) {
    return contains(fleet, endpoint.instance) || reality.healthy.contains(endpoint.instance);
  });
  const bool as_assigned = reality.traffic == record.traffic || reality.traffic == wanted;
  if (missing.empty() && reality.switch_running && as_assigned) return {};
  Steps steps;
  steps.emplace_back(EnsureSwitch{});
  // The switch sends nobody to them meanwhile, by its own checks. Were they unassigned, what a
  // repair that fails leaves would be remembered as what is wanted.
  if (!missing.empty()) bring_up(steps, missing);
  steps.emplace_back(AssignTraffic{wanted});
  return steps;
}

Steps plan_cleaning(const EnvironmentRecord& record) {
  Steps steps;
  if (record.previous_is_warm) {
    const Fleet previous = record.fleet_of(record.previous);
    steps.emplace_back(EnsureSwitch{});  // a dead one could not be told
    steps.emplace_back(Drain{previous});
    steps.emplace_back(AssignTraffic{filtered(record.traffic, [&](const Endpoint& endpoint) {
      return !contains(previous, endpoint.instance);
    })});
    steps.emplace_back(StopInstances{previous});
  }
  const Release* current = record.find(record.current);
  std::size_t kept = 0;
  const std::size_t keep = current == nullptr ? 1 : current->environment.retain.releases;
  for (auto release = record.releases.rbegin(); release != record.releases.rend(); ++release) {
    const bool needed = release->number == record.current || release->number == record.previous;
    if (++kept > keep && !needed) steps.emplace_back(RemoveRelease{release->number});
  }
  steps.emplace_back(Enter{State::cleaned});
  return steps;
}

}  // namespace pipeline::rollout
