// What a running HAProxy answers, understood. Pure parsers of its admin socket's texts: they take
// columns by their names, so that a version that adds some is still understood.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "pipelines/base/result.h"
#include "stages/deploy/traffic_switch.h"

namespace pipeline::deploy::haproxy {

enum class ServerMode { ready, draining, maintenance };

struct ServerState {
  std::string host;
  std::uint16_t port = 0;
  ServerMode mode = ServerMode::maintenance;
  bool down = false;  // by HAProxy's own checks
  bool operator==(const ServerState&) const = default;
};

// Backend and server name → state: "show servers state".
using ServerStates = std::map<std::pair<std::string, std::string>, ServerState>;
base::Result<ServerStates> parse_servers(std::string_view text);

// "show map share.map": the share in percent.
base::Result<std::uint32_t> parse_share(std::string_view text);

struct StatRow {
  std::uint64_t sessions = 0;  // under way
  std::uint64_t queued = 0;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  // 5xx; those made by HAProxy itself are in the BACKEND row only
};
// Backend and server name (or "BACKEND") → row: "show stat".
using StatRows = std::map<std::pair<std::string, std::string>, StatRow>;
base::Result<StatRows> parse_stat(std::string_view text);

// "show info": the process id.
base::Result<int> parse_pid(std::string_view text);

}  // namespace pipeline::deploy::haproxy
