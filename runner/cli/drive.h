// Drives a run to its end in this process, before the user's eyes: worker, display, signals, exit
// code. What `pipeline run` and `pipeline retry` share.
#pragma once

#include <functional>
#include <memory>

#include "runner/cli/commands.h"
#include "runner/cli/secret_sources.h"
#include "runner/engine/engine.h"

namespace pipeline::cli {

struct DriveOptions {
  SecretSources secrets;
  std::uint32_t jobs = 0;  // 0: what the run was created with
  SandboxWish sandbox = SandboxWish::full;
  bool no_wait = false;
  Format format = Format::text;
};

using MakeEngine = std::function<base::Result<std::unique_ptr<engine::Engine>>(
    const engine::Surroundings&, engine::Settings)>;

// Returns when nothing of the run is left on the machine. The first SIGINT, SIGTERM or SIGHUP
// cancels, the second kills.
Outcome drive(const DriveOptions& options, Context& context, const MakeEngine& make_engine);

// What `--jobs` means when it was not given.
std::uint32_t jobs_at_a_time(std::uint32_t wished);

}  // namespace pipeline::cli
