// What decides which instances get requests. Bound to one environment; outlives the program that
// made it.
//
// `assign` is absolute and returns when the switch acts on it; no request fails because of it.
// Calls block; one thread at a time. The contract suite is
// tests/contract/traffic_switch_contract.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/rollout/traffic.h"

namespace pipeline::deploy {

struct SwitchCounters {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  // 5xx, those made by the switch itself included
};

class TrafficSwitch {
 public:
  virtual ~TrafficSwitch() = default;
  // Whether ensure_running() can do its part: the same errors, but nothing is started or changed.
  virtual base::Result<> check_can_run() = 0;
  // Starts it on its public and preview addresses if it is not running. ErrorKind::conflict when a
  // port is taken by somebody else, ErrorKind::unavailable when its program is not installed; both
  // with a hint.
  virtual base::Result<> ensure_running() = 0;
  virtual base::Result<> assign(const rollout::Traffic& traffic) = 0;
  // Reality, as the switch itself tells it. Endpoints in the order they were assigned.
  virtual base::Result<rollout::Traffic> observe() = 0;
  // Requests and connections still under way at an instance; 0 for one it does not know.
  virtual base::Result<std::uint32_t> sessions(const std::string& instance) = 0;
  // Since the switch started, over the public address.
  virtual base::Result<SwitchCounters> counters() = 0;
  virtual base::Result<bool> running() = 0;
  virtual base::Result<> shut_down() = 0;
};

}  // namespace pipeline::deploy
