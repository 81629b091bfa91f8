// One deployment on its way: forward, back, or picked up where a dead driver left it. Writes every
// step into the journal before and after it. One thread.
#pragma once

#include <stop_token>

#include "pipelines/base/result.h"
#include "stages/deploy/deployer.h"
#include "stages/deploy/environment_ports.h"
#include "stages/deploy/session.h"
#include "stages/deploy/step_runner.h"

namespace pipeline::deploy {

// What the record says of a deployment that went back, or froze.
DeploymentResult gone_back(Verdict verdict, const rollout::EnvironmentRecord& record);

class Journey {
 public:
  // All must outlive it.
  Journey(Session& session, EnvironmentPorts& ports, Waiter& waiter, const base::Clock& clock);

  // From `approved` on. A step that fails, or a stop, leads back; an Error means that the journal
  // could not be written, and that the environment is left for `resume`.
  base::Result<DeploymentResult> go(const rollout::Steps& steps, const std::stop_token& stop);
  // Picks an unfinished deployment up: forward when it was promoted, else back.
  base::Result<DeploymentResult> pick_up(const std::stop_token& stop);
  // Brings what should serve back; false when it serves. Only while nothing is under way.
  base::Result<bool> repair(const std::stop_token& stop);
  // Ends the previous fleet and forgets old releases. Only in `retaining`.
  base::Result<> clean();

 private:
  struct End {
    std::optional<base::Error> failure;  // of a step; none: all are done
    rollout::Blame blame = rollout::Blame::nobody;
  };
  base::Result<End> carry_out(rollout::Direction direction, const rollout::Steps& steps,
                              const std::stop_token& stop);
  base::Result<End> carry_out_step(std::uint32_t index, const rollout::Step& step,
                                   const std::stop_token& stop);
  base::Result<DeploymentResult> go_back(const base::Error& cause, rollout::Blame blame);
  base::Result<DeploymentResult> restore();
  base::Result<DeploymentResult> freeze(const base::Error& cause);
  base::Result<DeploymentResult> arrived();

  Session& session_;
  const base::Clock& clock_;
  StepRunner runner_;
};

}  // namespace pipeline::deploy
