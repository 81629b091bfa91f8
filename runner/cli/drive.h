// Drives a run to its end in this process: worker, display, signals, exit code. What every command
// that drives one shares, before the user's eyes or after it left the terminal.
#pragma once

#include <functional>
#include <memory>

#include "runner/cli/commands.h"
#include "runner/cli/detachment.h"
#include "runner/cli/secret_sources.h"
#include "runner/engine/engine.h"

namespace pipeline::cli {

struct DriveOptions {
  SecretSources secrets;
  std::uint32_t jobs = 0;  // 0: what the run was created with
  SandboxWish sandbox = SandboxWish::full;
  bool no_wait = false;
  Format format = Format::text;
  JobLives jobs_live = JobLives::with_us;
  Detachment* detachment = nullptr;  // to leave the terminal by, once the run is there
  Console* console = nullptr;        // instead of the context's, or the detachment's

  void leave_by(Detachment& way) {
    format = Format::text;
    jobs_live = JobLives::by_themselves;
    detachment = &way;
  }
};

using MakeEngine = std::function<base::Result<std::unique_ptr<engine::Engine>>(
    const engine::Surroundings&, engine::Settings)>;

// Returns when nothing of the run is left on the machine. The first SIGINT, SIGTERM or SIGHUP
// cancels, the second kills.
Outcome drive(const DriveOptions& options, Context& context, const MakeEngine& make_engine);

// What `--jobs` means when it was not given.
std::uint32_t jobs_at_a_time(std::uint32_t wished);

}  // namespace pipeline::cli
