#include "stages/deploy/gates/standard_gates.h"

namespace pipeline::deploy::gates {

base::Result<GateVerdict> StandardGates::ask(const model::GateSpec& gate,
                                             const GateContext& context, std::stop_token stop) {
  if (const auto* toggles = std::get_if<model::ToggleGate>(&gate.gate)) {
    return ask_toggles(*toggles, context, tools_.step.source, settings_, clock_.now());
  }
  return ask_smoke(std::get<model::SmokeGate>(gate.gate), context, tools_, stop);
}

}  // namespace pipeline::deploy::gates
