// One copy of one release, as it is planned: what it is called and where it listens. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/rollout/traffic.h"

namespace pipeline::rollout {

struct Instance {
  std::string name;  // unique in the environment: "r7-2" (release 7, second instance)
  std::uint64_t release = 0;
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool operator==(const Instance&) const = default;
};

using Fleet = std::vector<Instance>;

// Instances r<release>-1, -2, … one for each port.
Fleet make_fleet(std::uint64_t release, const std::vector<std::uint16_t>& ports);

Endpoint endpoint_of(const Instance& instance, EndpointState state = EndpointState::ready);
std::vector<Endpoint> endpoints_of(const Fleet& fleet, EndpointState state = EndpointState::ready);

bool contains(const Fleet& fleet, const std::string& instance);
// "r7-1, r7-2"
std::string names_of(const Fleet& fleet);

}  // namespace pipeline::rollout
