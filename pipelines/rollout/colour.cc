#include "pipelines/rollout/colour.h"

namespace pipeline::rollout {

namespace {

void add_ready(const std::vector<Endpoint>& from, std::vector<Endpoint>& to) {
  for (const Endpoint& endpoint : from) {
    if (endpoint.state == EndpointState::ready) to.push_back(endpoint);
  }
}

}  // namespace

Colour serving_colour(const Traffic& traffic) {
  return traffic.green_percent >= 50 ? Colour::green : Colour::blue;
}

Colour other(Colour colour) {
  return colour == Colour::blue ? Colour::green : Colour::blue;
}

const std::vector<Endpoint>& endpoints(const Traffic& traffic, Colour colour) {
  return colour == Colour::blue ? traffic.blue : traffic.green;
}

std::vector<Endpoint>& endpoints(Traffic& traffic, Colour colour) {
  return colour == Colour::blue ? traffic.blue : traffic.green;
}

std::uint32_t all_to(Colour colour) {
  return colour == Colour::green ? 100 : 0;
}

std::vector<Endpoint> reachable(const Traffic& traffic) {
  std::vector<Endpoint> found;
  if (traffic.green_percent < 100) add_ready(traffic.blue, found);
  if (traffic.green_percent > 0) add_ready(traffic.green, found);
  return found;
}

}  // namespace pipeline::rollout
