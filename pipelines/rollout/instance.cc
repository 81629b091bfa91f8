#include "pipelines/rollout/instance.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::rollout {

Fleet make_fleet(std::uint64_t release, const std::vector<std::uint16_t>& ports) {
  Fleet fleet;
  for (const std::uint16_t port : ports) {
    const std::string name = "r" + std::to_string(release) + "-" + std::to_string(fleet.size() + 1);
    fleet.push_back({.name = name, .release = release, .port = port});
  }
  return fleet;
}

Endpoint endpoint_of(const Instance& instance, EndpointState state) {
  return {.instance = instance.name, .host = instance.host, .port = instance.port, .state = state};
}

std::vector<Endpoint> endpoints_of(const Fleet& fleet, EndpointState state) {
  std::vector<Endpoint> endpoints;
  for (const Instance& instance : fleet) endpoints.push_back(endpoint_of(instance, state));
  return endpoints;
}

bool contains(const Fleet& fleet, const std::string& instance) {
  return std::ranges::find(fleet, instance, &Instance::name) != fleet.end();
}

std::string names_of(const Fleet& fleet) {
  std::vector<std::string> names;
  for (const Instance& instance : fleet) names.push_back(instance.name);
  return base::join(names, ", ");
}

}  // namespace pipeline::rollout
