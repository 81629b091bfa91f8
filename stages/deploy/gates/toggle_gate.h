// The toggle gate: the flag file of the release's own tree with what operators have set over it, as
// its users would be served it, decided by pipelines/toggle.
#pragma once

#include <functional>

#include "pipelines/base/clock.h"
#include "pipelines/toggle/setting.h"
#include "stages/deploy/gate.h"
#include "stages/source/source.h"

namespace pipeline::deploy::gates {

// What operators have set flags of the environment to, at this moment.
using ReadSettings = std::function<base::Result<toggle::Settings>()>;

// A file that is absent or wrong is a verdict (the release must not go out), not an error. After
// promotion there is nothing left to decide: it passes.
base::Result<GateVerdict> ask_toggles(const model::ToggleGate& gate, const GateContext& context,
                                      source::Source& source, const ReadSettings& settings,
                                      base::TimePoint now);

}  // namespace pipeline::deploy::gates
