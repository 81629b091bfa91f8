// What the ports are told about a release: its instances as the target starts them, its gates'
// surroundings. Pure.
#pragma once

#include "pipelines/rollout/release.h"
#include "stages/deploy/gate.h"
#include "stages/deploy/target.h"

namespace pipeline::deploy {

InstanceSpec instance_spec(const rollout::Instance& instance, const rollout::Release& release);
GateContext gate_context(const std::string& environment, const rollout::Release& release,
                         GatePhase phase);

}  // namespace pipeline::deploy
