// Drives a run to its end on the calling thread, with nobody looking on: child runs, and those of a
// server.
#pragma once

#include <functional>

#include "runner/cli/drive.h"
#include "runner/cli/group_gate.h"
#include "runner/engine/loop.h"

namespace pipeline::cli {

struct QuietRun {
  Services& services;  // the thread's own
  const SecretSources& secrets;
  SandboxWish sandbox = SandboxWish::full;
  engine::Loop& loop;
  std::function<void(run::RunId)> began{};
  // Asked after every change: the run is left as it is, for somebody else to go on with.
  std::function<bool()> leaves{};
  std::vector<engine::Observer> observers{};
  // Asks another run that this process drives to stop; false when it drives no such run.
  StopHere stop_here{};
};

// As it ended, or as it was left. Nothing that was started for it is left on this machine then.
base::Result<run::RunState> drive_quietly(const QuietRun& quiet, const MakeEngine& make_engine);

}  // namespace pipeline::cli
