// How a command begins that drives a run: in this process, or with `--detach` in one that leaves
// the terminal once the run is there.
#pragma once

#include <functional>

#include "runner/cli/commands.h"
#include "runner/cli/detachment.h"
#include "runner/cli/secret_sources.h"

namespace pipeline::cli {

// Without a detachment: in the foreground.
using Work = std::function<Outcome(SecretSources, Detachment*)>;

// Says how to come back to a run that went on. REQUIRES with `detach`: what Detachment::split()
// does.
Outcome work_here_or_in_background(bool detach, const SecretOptions& secrets, Format format,
                                   Context& context, const Work& work);

}  // namespace pipeline::cli
