// What of a sandbox can be made before its plan is known: which namespaces the job gets. A helper
// is started for one confinement, ahead of the job if need be, and takes only plans that ask for
// it.
#pragma once

#include <cstdint>

#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox {

enum class Confinement : std::uint32_t {
  own_network,   // all namespaces; what a job gets that asks for nothing
  host_network,  // all but the network
  none,          // Isolation::none
};

inline Confinement confinement_of(const SandboxPlan& plan) {
  if (plan.isolation == Isolation::none) return Confinement::none;
  return plan.limits.network == model::NetworkMode::host ? Confinement::host_network
                                                         : Confinement::own_network;
}

}  // namespace pipeline::sandbox
