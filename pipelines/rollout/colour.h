// The colour that serves, and traffic seen from it. Between deployments one colour has all the
// requests; which one does not matter to anybody.
#pragma once

#include "pipelines/rollout/instance.h"
#include "pipelines/rollout/traffic.h"

namespace pipeline::rollout {

enum class Colour { blue, green };

Colour serving_colour(const Traffic& traffic);
Colour other(Colour colour);
const std::vector<Endpoint>& endpoints(const Traffic& traffic, Colour colour);
std::vector<Endpoint>& endpoints(Traffic& traffic, Colour colour);
// All requests to `colour`.
std::uint32_t all_to(Colour colour);

// Every endpoint that may get a new request of a user: ready, in a colour that has a share.
std::vector<Endpoint> reachable(const Traffic& traffic);
// The traffic with only those endpoints for which `keep` holds, preview included.
template <class Keep>
Traffic filtered(Traffic traffic, const Keep& keep) {
  const auto drop = [&](const Endpoint& endpoint) { return !keep(endpoint); };
  std::erase_if(traffic.blue, drop);
  std::erase_if(traffic.green, drop);
  std::erase_if(traffic.preview, drop);
  return traffic;
}

}  // namespace pipeline::rollout
