// TrafficSwitch as a managed HAProxy.
//
// Its directory (mode 0700, made when needed) holds:
//   assigned.json   what was last assigned, with the slots; written before HAProxy is told, so that
//   it
//                   is never behind. A new HAProxy starts from it.
//   front.cfg, backends.cfg, share.map   the configuration (config.h)
//   admin.sock, identity, haproxy.pid, haproxy.log   of the running one (haproxy_process.h)
//
// Capacity: 64 instances a colour, 4,096 connections at a time. HAProxy checks the instances itself
// as well, so that one that dies between deployments leaves the traffic without anybody driving.
#pragma once

#include <filesystem>

#include "stages/deploy/haproxy/config.h"
#include "stages/deploy/haproxy/haproxy_process.h"
#include "stages/deploy/haproxy/runtime.h"
#include "stages/deploy/traffic_switch.h"

namespace pipeline::deploy::haproxy {

class HaproxySwitch final : public TrafficSwitch {
 public:
  // Addresses and health as the environment gives them; they are looked at by ensure_running().
  HaproxySwitch(std::filesystem::path directory, model::SwitchSpec spec, model::HealthCheck health);

  base::Result<> check_can_run() override;
  // Also: takes up a changed address or health check without losing a request.
  base::Result<> ensure_running() override;
  base::Result<> assign(const rollout::Traffic& traffic) override;
  base::Result<rollout::Traffic> observe() override;
  base::Result<std::uint32_t> sessions(const std::string& instance) override;
  base::Result<SwitchCounters> counters() override;
  base::Result<bool> running() override;
  base::Result<> shut_down() override;

 private:
  base::Result<FrontConfig> front_config() const;
  base::Result<Placement> assigned() const;
  base::Result<> write_configuration(const Placement& placement, const std::string& front) const;
  base::Result<> start(const std::string& front, const FrontConfig& config);
  base::Result<> apply(const Placement& placement);
  base::Result<> await_answer(const Placement& placement) const;
  base::Result<ServerStates> servers() const;
  base::Result<std::uint32_t> share() const;
  base::Result<StatRows> statistics() const;

  std::filesystem::path directory_;
  model::SwitchSpec spec_;
  model::HealthCheck health_;
  HaproxyProcess process_;
};

}  // namespace pipeline::deploy::haproxy
