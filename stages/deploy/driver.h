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
  // All must outlive it.
  Driver(Journal& journal, EnvironmentPortsFactory& ports, Waiter& waiter, const base::Clock& clock)
      : journal_(journal), ports_(ports), waiter_(waiter), clock_(clock) {}

  base::Result<DeploymentResult> deploy(const DeploymentRequest& request, const Observer& observer,
                                        std::stop_token stop) override;
  base::Result<DeploymentResult> resume(const EnvironmentKey& key, const Observer& observer,
                                        std::stop_token stop) override;
  base::Result<DeploymentResult> roll_back(const EnvironmentKey& key,
                                           std::optional<std::uint64_t> release,
                                           const Observer& observer, std::stop_token stop) override;
  base::Result<EnvironmentStatus> status(const EnvironmentKey& key) override;
  base::Result<std::vector<EnvironmentKey>> environments() override;
  base::Result<std::string> owner(const EnvironmentKey& key) override;
  base::Result<> shut_down(const EnvironmentKey& key, const Observer& observer) override;

 private:
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
  base::Result<DeploymentResult> set_out(Session& session, EnvironmentPorts& ports,
                                         rollout::DeploymentKind kind, rollout::Release release,
                                         rollout::Fleets fleets, const std::stop_token& stop);
  base::Result<DeploymentResult> return_to(Session& session, const rollout::Release& release,
                                           const std::stop_token& stop);

  Journal& journal_;
  EnvironmentPortsFactory& ports_;
  Waiter& waiter_;
  const base::Clock& clock_;
};

}  // namespace pipeline::deploy
