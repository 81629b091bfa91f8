// The Deployer: takes its turn, checks, plans, and sends a Journey off.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/rollout/strategy.h"
#include "stages/deploy/deployer.h"
#include "stages/deploy/environment_ports.h"
#include "stages/deploy/journal.h"
#include "stages/deploy/journey.h"
#include "stages/deploy/session.h"
#include "stages/deploy/waiter.h"

namespace pipeline::deploy {

// Holds no state between calls: all of it is in the journal and outside.
class Driver final : public Deployer {
 public:
  // All must outlive it. `machine` is what the journal calls the one that the ports are of: an
  // agent's name, or empty for the journal's own.
  Driver(Journal& journal, EnvironmentPortsFactory& ports, Waiter& waiter, const base::Clock& clock,
         std::string machine = {})
      : journal_(journal),
        ports_(ports),
        waiter_(waiter),
        clock_(clock),
        machine_(std::move(machine)) {}

  base::Result<DeploymentResult> deploy(const DeploymentRequest& request, const Observer& observer,
                                        std::stop_token stop) override;
  base::Result<DeploymentResult> resume(const EnvironmentKey& key, const Observer& observer,
                                        std::stop_token stop) override;
  base::Result<DeploymentResult> roll_back(const RollbackRequest& request, const Observer& observer,
                                           std::stop_token stop) override;
  base::Result<EnvironmentStatus> status(const EnvironmentKey& key) override;
  base::Result<std::vector<EnvironmentKey>> environments() override;
  base::Result<std::string> owner(const EnvironmentKey& key) override;
  base::Result<> shut_down(const EnvironmentKey& key, const Observer& observer) override;

 private:
  // ErrorKind::conflict when it is on another machine.
  base::Result<Session> hold(const EnvironmentKey& key, const Observer& observer,
                             const std::stop_token& stop);
  // What an earlier driver left unfinished; none when nothing was.
  base::Result<std::optional<DeploymentResult>> pick_up(Session& session,
                                                        const std::stop_token& stop);
  base::Result<> preflight(const Session& session, const DeploymentRequest& request);
  base::Result<> clean(Session& session);
  // The release that should serve does, or is brought back.
  base::Result<DeploymentResult> repair(Session& session, const std::stop_token& stop);
  base::Result<rollout::Release> new_release(const Session& session,
                                             const DeploymentRequest& request,
                                             EnvironmentPorts& ports);
  // What is to be carried out, for whom.
  struct Order {
    rollout::DeploymentKind kind = rollout::DeploymentKind::deploy;
    rollout::Release release;
    rollout::Fleets fleets = rollout::Fleets::cold;
    std::string by{};
  };
  base::Result<DeploymentResult> set_out(Session& session, EnvironmentPorts& ports, Order order,
                                         const std::stop_token& stop);
  base::Result<DeploymentResult> return_to(Session& session, const rollout::Release& release,
                                           const std::string& by, const std::stop_token& stop);

  Journal& journal_;
  EnvironmentPortsFactory& ports_;
  Waiter& waiter_;
  const base::Clock& clock_;
  const std::string machine_;
};

}  // namespace pipeline::deploy
