#include "stages/deploy/haproxy/commands.h"

#include <set>

#include "stages/deploy/haproxy/config.h"

namespace pipeline::deploy::haproxy {

using rollout::EndpointState;

namespace {

using Name = std::pair<std::string, std::string>;

std::string set_server(const Name& name, const std::string& what) {
  return "set server " + name.first + "/" + name.second + " " + what;
}

ServerMode wanted_mode(EndpointState state) {
  return state == EndpointState::ready ? ServerMode::ready : ServerMode::draining;
}

class Plan {
 public:
  explicit Plan(const ServerStates& now) : now_(now) {}

  void endpoint(const Name& name, const rollout::Endpoint& endpoint) {
    const auto found = now_.find(name);
    const ServerState current = found == now_.end() ? ServerState{} : found->second;
    auto mode = current.mode;
    if (current.host != endpoint.host || current.port != endpoint.port) {
      // Not while requests may still be sent there: they were meant for somebody else.
      if (mode != ServerMode::maintenance) entering_.push_back(set_server(name, "state maint"));
      mode = ServerMode::maintenance;
      entering_.push_back(
          set_server(name, "addr " + endpoint.host + " port " + std::to_string(endpoint.port)));
    }
    if (mode == wanted_mode(endpoint.state)) return;
    if (endpoint.state == EndpointState::ready) {
      entering_.push_back(set_server(name, "state ready"));
    } else {
      leaving_.push_back(set_server(name, "state drain"));
    }
  }

  void unused(const Name& name) {
    const auto found = now_.find(name);
    if (found == now_.end() || found->second.mode == ServerMode::maintenance) return;
    leaving_.push_back(set_server(name, "state maint"));
  }

  std::vector<std::string> with_share(std::uint32_t wanted, std::uint32_t current) && {
    auto all = std::move(entering_);
    if (wanted != current) {
      all.push_back("set map " + std::string(kShareMap) + " " + kShareKey + " " +
                    std::to_string(wanted));
    }
    all.insert(all.end(), leaving_.begin(), leaving_.end());
    return all;
  }

 private:
  const ServerStates& now_;
  std::vector<std::string> entering_;
  std::vector<std::string> leaving_;
};

}  // namespace

std::vector<std::string> commands(const Placement& wanted, const ServerStates& now,
                                  std::uint32_t share_now) {
  Plan plan(now);
  for (const auto& pool : wanted.pools) {
    std::set<int> used;
    for (const auto& placed : pool.servers) {
      used.insert(placed.slot);
      plan.endpoint({std::string(pool.name), slot_name(placed.slot)}, placed.endpoint);
    }
    for (int slot = 1; slot <= kSlots; ++slot) {
      if (!used.contains(slot)) plan.unused({std::string(pool.name), slot_name(slot)});
    }
  }
  return std::move(plan).with_share(wanted.green_percent, share_now);
}

}  // namespace pipeline::deploy::haproxy
