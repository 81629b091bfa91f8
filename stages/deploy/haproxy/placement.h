// Which instance has which server slot of which pool. A running HAProxy has a fixed number of
// servers a backend ("slots", s1 …); bringing an instance into traffic is giving an unused one its
// address. Pure values and functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/rollout/traffic.h"

namespace pipeline::deploy::haproxy {

inline constexpr int kSlots = 64;  // a pool; more endpoints in one are refused

struct Placed {
  rollout::Endpoint endpoint;
  int slot = 0;  // 1 to kSlots
  bool operator==(const Placed&) const = default;
};

// A backend of HAProxy.
struct Pool {
  std::string_view name;  // "blue", "green", "preview"
  std::vector<Placed> servers;
  bool operator==(const Pool&) const = default;
};

struct Placement {
  std::vector<Pool> pools = {{"blue", {}}, {"green", {}}, {"preview", {}}};
  std::uint32_t green_percent = 0;
  bool operator==(const Placement&) const = default;
};

// An endpoint stays in the slot it has; a new one gets a slot that was not used just before, so
// that requests still under way there are not mixed up with its own. ErrorKind::exhausted beyond
// kSlots, ErrorKind::invalid for an instance that is named twice in a pool or a share above 100.
base::Result<Placement> place(const rollout::Traffic& traffic, const Placement& before);

// Text for a file, and back. ErrorKind::corrupt for anything else.
std::string to_json(const Placement& placement);
base::Result<Placement> parse_placement(std::string_view text);

}  // namespace pipeline::deploy::haproxy
