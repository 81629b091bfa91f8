// Carries single steps out on the ports of an environment, and looks at what is really there. No
// journal, no decisions. One thread.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/rollout/record.h"
#include "pipelines/rollout/step.h"
#include "pipelines/rollout/way_back.h"
#include "stages/deploy/environment_ports.h"
#include "stages/deploy/health.h"
#include "stages/deploy/waiter.h"

namespace pipeline::deploy {

class StepRunner {
 public:
  using Report = std::function<void(const std::string& detail)>;
  // All of these must outlive it. `record` is read at every step: definitions of releases.
  StepRunner(const EnvironmentKey& key, EnvironmentPorts& ports,
             const rollout::EnvironmentRecord& record, Waiter& waiter, const base::Clock& clock,
             Report report)
      : key_(key),
        ports_(ports),
        record_(record),
        waiter_(waiter),
        clock_(clock),
        health_(*ports.prober, waiter, clock),
        report_(std::move(report)) {}

  // ErrorKind::failed: the release is at fault (not healthy, a gate said no). ErrorKind::cancelled:
  // stopped. Anything else: we, or the machine, could not do our part. Enter is the journal's
  // business and does nothing here.
  base::Result<> run(const rollout::Step& step, std::stop_token stop);

  // Instances that run and answer, and what the switch does.
  base::Result<rollout::Reality> look();
  // "r7-1, r7-2 run; all requests go to r7-1, r7-2": for a person who must take over.
  std::string describe_reality();

 private:
  friend struct StepVisitor;

  base::Result<> start(const rollout::Instance& instance);
  // Instances that run, with how often each was started again.
  base::Result<std::map<std::string, std::uint32_t>> running();
  base::Result<> ask_gates(rollout::GateTime when, const std::stop_token& stop);
  base::Result<> drain(const rollout::Fleet& instances, const std::stop_token& stop);
  base::Result<const rollout::Release*> release(std::uint64_t number) const;
  base::Result<std::vector<Watched>> watched(const rollout::Fleet& fleet) const;

  const EnvironmentKey& key_;
  EnvironmentPorts& ports_;
  const rollout::EnvironmentRecord& record_;
  Waiter& waiter_;
  const base::Clock& clock_;
  HealthWatch health_;
  Report report_;
};

}  // namespace pipeline::deploy
