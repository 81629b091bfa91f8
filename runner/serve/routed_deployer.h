// The deployer of a server: its own for what is on its machine; what is on machines of agents is
// left at the desk, as an order for the agent that has it, and waited for.
//
// An order that nobody waits for any more goes on: its log directory, below its environment's, is
// what the next server knows it by (take_up_orders).
// Threads: as deploy::Deployer.
#pragma once

#include <functional>
#include <memory>

#include "agents/link/remote/agent_desk.h"
#include "agents/link/remote/remote_link.h"
#include "agents/protocol/agent_messages.h"
#include "pipelines/base/clock.h"
#include "runner/store/paths.h"
#include "stages/deploy/deployer.h"
#include "stages/deploy/journal.h"

namespace pipeline::serve {

class RoutedDeployer final : public deploy::Deployer {
 public:
  // All outlive it.
  struct Parts {
    deploy::Deployer& here;
    deploy::Journal& journal;
    link::AgentDesk& desk;
    link::PublishTree publish;
    const store::Paths& paths;
    const base::Clock& clock;
  };

  explicit RoutedDeployer(Parts parts) : parts_(std::move(parts)) {}

  base::Result<deploy::DeploymentResult> deploy(const deploy::DeploymentRequest& request,
                                                const deploy::Observer& observer,
                                                std::stop_token stop) override;
  base::Result<deploy::DeploymentResult> resume(const deploy::EnvironmentKey& key,
                                                const deploy::Observer& observer,
                                                std::stop_token stop) override;
  base::Result<deploy::DeploymentResult> roll_back(const deploy::RollbackRequest& request,
                                                   const deploy::Observer& observer,
                                                   std::stop_token stop) override;
  base::Result<deploy::EnvironmentStatus> status(const deploy::EnvironmentKey& key) override {
    return parts_.here.status(key);
  }
  base::Result<deploy::EnvironmentStatus> examine(const deploy::EnvironmentKey& key) override;
  base::Result<std::vector<deploy::EnvironmentKey>> environments() override {
    return parts_.here.environments();
  }
  base::Result<std::string> owner(const deploy::EnvironmentKey& key) override {
    return parts_.here.owner(key);
  }
  base::Result<> shut_down(const deploy::EnvironmentKey& key,
                           const deploy::Observer& observer) override;

 private:
  class Waiting;

  // An order about what is there; none: it is this machine's.
  base::Result<std::optional<protocol::JobOrder>> order_about(
      const deploy::EnvironmentKey& key, protocol::DeployAction action,
      std::optional<std::uint64_t> release = std::nullopt);
  base::Result<std::vector<deploy::InstanceStatus>> look(const deploy::EnvironmentKey& key);
  base::Result<deploy::DeploymentResult> send(protocol::JobOrder order,
                                              const deploy::Observer& observer,
                                              const std::stop_token& stop);
  // How long an order is waited for.
  enum class Patience { any, little };
  base::Result<protocol::DeploymentTold> ask(protocol::JobOrder order,
                                             const deploy::Observer& observer,
                                             const std::stop_token& stop, Patience patience);
  base::Result<run::JobFinished> hear(Waiting& waiting, const link::AttemptKey& attempt,
                                      const deploy::Observer& observer, Patience patience) const;

  const Parts parts_;
};

// Orders that an earlier server left at agents: heard to their ends by sinks that have to outlive
// the desk's use. Before the first agent is heard.
base::Result<std::vector<std::unique_ptr<link::EventSink>>> take_up_orders(
    link::AgentDesk& desk, deploy::Journal& journal, const store::Paths& paths);

}  // namespace pipeline::serve
