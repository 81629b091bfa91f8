// What a command that drives a run does with `--detach`: the same, in a process that leaves the
// terminal once the run is there.
#pragma once

#include <functional>

#include "runner/cli/commands.h"
#include "runner/cli/detachment.h"

namespace pipeline::cli {

// Null: in the foreground.
using Work = std::function<Outcome(Detachment*)>;

// Says how to come back to the run that went on. REQUIRES: what Detachment::split() does.
Outcome work_in_background(const Work& work, Format format, Context& context);

}  // namespace pipeline::cli
