// The environments of a server, over its API.
#pragma once

#include <memory>

#include "runner/cli/environment_desk.h"
#include "runner/cli/options.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

class ServerDesk final : public EnvironmentDesk {
 public:
  static base::Result<std::unique_ptr<ServerDesk>> open(const ServerChoice& server);

  base::Result<std::vector<deploy::EnvironmentKey>> environments() override;
  base::Result<deploy::EnvironmentStatus> status(const deploy::EnvironmentKey& key) override;
  base::Result<deploy::EnvironmentStatus> examine(const deploy::EnvironmentKey& key) override;
  base::Result<deploy::EnvironmentKey> find(const std::string& name) override;
  base::Result<deploy::DeploymentResult> resume(const deploy::EnvironmentKey& key,
                                                const deploy::Observer& observer,
                                                std::stop_token stop) override;
  base::Result<deploy::DeploymentResult> roll_back(const deploy::EnvironmentKey& key,
                                                   std::optional<std::uint64_t> release,
                                                   const deploy::Observer& observer,
                                                   std::stop_token stop) override;
  base::Result<> shut_down(const deploy::EnvironmentKey& key,
                           const deploy::Observer& observer) override;
  // Of a repository that the server knows.
  base::Result<deploy::DeploymentResult> deploy(const DeployOptions& options,
                                                const deploy::Observer& observer,
                                                const std::stop_token& stop);

 private:
  ServerDesk(ServerChoice server, ServerClient client)
      : server_(std::move(server)), client_(std::move(client)) {}
  // Begins something at the server, and tells of it to its end. None: it has no result.
  base::Result<std::optional<deploy::DeploymentResult>> carry_out(const std::string& path,
                                                                  const boost::json::value& body,
                                                                  const deploy::Observer& observer,
                                                                  const std::stop_token& stop);
  base::Result<deploy::DeploymentResult> with_result(const std::string& path,
                                                     const boost::json::value& body,
                                                     const deploy::Observer& observer,
                                                     const std::stop_token& stop);

  const ServerChoice server_;
  ServerClient client_;
};

}  // namespace pipeline::cli
