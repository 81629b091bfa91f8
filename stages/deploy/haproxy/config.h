// The text of HAProxy's configuration. Pure.
//
// Two files, read in this order: the front (global, defaults, frontends), which depends on the
// environment's definition alone, so that a change of it shows as a change of text; and the
// backends, which hold what was last assigned, so that a restarted HAProxy serves it from its first
// request. All paths are relative to the switch's directory, where HAProxy runs: no length limit of
// socket paths, no quoting.
#pragma once

#include <string>

#include "pipelines/model/environment.h"
#include "stages/deploy/haproxy/placement.h"
#include "stages/host/listener.h"

namespace pipeline::deploy::haproxy {

struct FrontConfig {
  host::Address listen;
  host::Address preview;
  model::HealthCheck health;
  std::string user;  // whom HAProxy becomes after binding its ports; empty: stays who it is
};

inline constexpr const char* kAdminSocket = "admin.sock";
inline constexpr const char* kShareMap = "share.map";  // one entry: "green" and its percent
inline constexpr const char* kShareKey = "green";

// ErrorKind::invalid for a health path that could not be told from configuration.
base::Result<std::string> render_front(const FrontConfig& config);
std::string render_backends(const Placement& placement);
std::string render_share_map(const Placement& placement);

// "s7"
std::string slot_name(int slot);

}  // namespace pipeline::deploy::haproxy
