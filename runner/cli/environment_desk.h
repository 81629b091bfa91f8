// What commands see of environments and do to them, wherever they are: on this machine
// (local_desk.h) or a server's (server_desk.h). A port.
//
// Threads: one; `stop` may be requested from any.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/deploy/deployer.h"

namespace pipeline::cli {

class EnvironmentDesk {
 public:
  virtual ~EnvironmentDesk() = default;

  // Those that were ever deployed to.
  virtual base::Result<std::vector<deploy::EnvironmentKey>> environments() = 0;
  virtual base::Result<deploy::EnvironmentStatus> status(const deploy::EnvironmentKey& key) = 0;
  // As deploy::Deployer does.
  virtual base::Result<deploy::EnvironmentStatus> examine(const deploy::EnvironmentKey& key) = 0;
  // The one that the user is likely to mean where he stands. ErrorKind::invalid, with a hint.
  virtual base::Result<deploy::EnvironmentKey> find(const std::string& name) = 0;

  // The same. Where a connection to a server breaks, what was begun goes on there.
  virtual base::Result<deploy::DeploymentResult> resume(const deploy::EnvironmentKey& key,
                                                        const deploy::Observer& observer,
                                                        std::stop_token stop) = 0;
  virtual base::Result<deploy::DeploymentResult> roll_back(const deploy::EnvironmentKey& key,
                                                           std::optional<std::uint64_t> release,
                                                           const deploy::Observer& observer,
                                                           std::stop_token stop) = 0;
  virtual base::Result<> shut_down(const deploy::EnvironmentKey& key,
                                   const deploy::Observer& observer) = 0;
};

}  // namespace pipeline::cli
