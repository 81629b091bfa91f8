// The toggle gate: the flag file of the release's own tree, decided by pipelines/toggle.
#pragma once

#include "pipelines/base/clock.h"
#include "stages/deploy/gate.h"
#include "stages/source/source.h"

namespace pipeline::deploy::gates {

// A file that is absent or wrong is a verdict (the release must not go out), not an error. After
// promotion there is nothing left to decide: it passes.
base::Result<GateVerdict> ask_toggles(const model::ToggleGate& gate, const GateContext& context,
                                      source::Source& source, base::TimePoint now);

}  // namespace pipeline::deploy::gates
