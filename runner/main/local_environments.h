// What stands behind an environment's ports on this machine: processes under supervisors, a managed
// HAProxy, probes over sockets, gates in sandboxes. Everything of an environment is kept below its
// own directory:
//   releases/ instances/   the process target's
//   switch/                the managed HAProxy's
//   gates/                 logs and sockets of smoke gates
#pragma once

#include <filesystem>

#include "pipelines/base/clock.h"
#include "runner/store/paths.h"
#include "stages/deploy/environment_ports.h"
#include "stages/step/step.h"

namespace pipeline {

// The programs that are started beside this one.
struct HelperPrograms {
  std::filesystem::path instance;
  std::filesystem::path relay;
};

class LocalEnvironments final : public deploy::EnvironmentPortsFactory {
 public:
  // The clock, and what `step` refers to, must outlive it.
  LocalEnvironments(store::Paths paths, step::StepTools step, HelperPrograms helpers,
                    const base::Clock& clock)
      : paths_(std::move(paths)), step_(step), helpers_(std::move(helpers)), clock_(clock) {}

  base::Result<deploy::EnvironmentPorts> open(const deploy::EnvironmentKey& key,
                                              const model::Environment& environment) override;

 private:
  store::Paths paths_;
  step::StepTools step_;
  HelperPrograms helpers_;
  const base::Clock& clock_;
};

}  // namespace pipeline
