// What stands behind an environment's ports on this machine: processes under supervisors, a managed
// HAProxy, probes over sockets, gates in sandboxes. Everything of an environment is kept below its
// own directory:
//   releases/ instances/   the process target's
//   switch/                the managed HAProxy's
//   gates/                 logs and sockets of smoke gates
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/toggle/setting.h"
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
  // What operators have set flags of an environment to; on whichever thread deploys.
  using ReadSettings =
      std::function<base::Result<toggle::Settings>(const deploy::EnvironmentKey& key)>;

  // The clock, and what `step` refers to, must outlive it. `repository` is what the source of this
  // machine calls the one that the trees of releases are of; none: as the journal does.
  LocalEnvironments(store::Paths paths, step::StepTools step, HelperPrograms helpers,
                    ReadSettings settings, const base::Clock& clock,
                    std::optional<std::string> repository = std::nullopt)
      : paths_(std::move(paths)),
        step_(step),
        helpers_(std::move(helpers)),
        settings_(std::move(settings)),
        clock_(clock),
        repository_(std::move(repository)) {}

  base::Result<deploy::EnvironmentPorts> open(const deploy::EnvironmentKey& key,
                                              const model::Environment& environment) override;

 private:
  store::Paths paths_;
  step::StepTools step_;
  HelperPrograms helpers_;
  ReadSettings settings_;
  const base::Clock& clock_;
  const std::optional<std::string> repository_;
};

}  // namespace pipeline
