// The outside world of one environment. Made anew for every call of the deployer, from the
// definition that the release was deployed with: no pipeline file is needed to go back, look or
// shut down.
#pragma once

#include <memory>

#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"
#include "stages/deploy/environment_key.h"
#include "stages/deploy/gate.h"
#include "stages/deploy/prober.h"
#include "stages/deploy/target.h"
#include "stages/deploy/traffic_switch.h"

namespace pipeline::deploy {

struct EnvironmentPorts {
  std::unique_ptr<Target> target;
  std::unique_ptr<TrafficSwitch> traffic;
  std::unique_ptr<Prober> prober;
  std::unique_ptr<GateKeeper> gates;
};

class EnvironmentPortsFactory {
 public:
  virtual ~EnvironmentPortsFactory() = default;
  // Touches nothing outside.
  virtual base::Result<EnvironmentPorts> open(const EnvironmentKey& key,
                                              const model::Environment& environment) = 0;
};

}  // namespace pipeline::deploy
