// What the traffic switch should be doing, as one absolute value: assigning it twice changes
// nothing. Plain values.
//
// Two colours hold instances; the public address sends `green_percent` of its requests to green and
// the rest to blue, each colour balancing over its ready endpoints. The preview address reaches the
// `preview` endpoints and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pipeline::rollout {

enum class EndpointState {
  ready,     // gets new requests
  draining,  // gets none, finishes those it has
};

struct Endpoint {
  std::string instance;  // name, unique in the environment: "r7-2" (release 7, second instance)
  std::string host;
  std::uint16_t port = 0;
  EndpointState state = EndpointState::ready;
  bool operator==(const Endpoint&) const = default;
};

struct Traffic {
  std::vector<Endpoint> blue{};
  std::vector<Endpoint> green{};
  std::vector<Endpoint> preview{};
  std::uint32_t green_percent = 0;  // 0 to 100
  bool operator==(const Traffic&) const = default;
};

}  // namespace pipeline::rollout
