// Lets any thread stop a sandbox that another thread sets up, runs and ends, whenever the wish
// comes: before the sandbox is there, while it runs, or when it is gone.
#pragma once

#include <mutex>
#include <optional>

#include "stages/sandbox/launch.h"
#include "stages/step/verdict.h"

namespace pipeline::step {

class StopSwitch {
 public:
  // The first wish is the one that the outcome carries.
  void stop(run::JobStatus as, const std::string& reason);
  void stop_now();

  // The wish so far, as the outcome of a job that was stopped.
  std::optional<Verdict> wish() const;

  // From here to disarm() wishes reach the sandbox, earlier ones at once.
  void arm(sandbox::RunningSandbox& running);
  void disarm();

 private:
  void pass_on();

  mutable std::mutex mutex_;
  std::optional<Verdict> wish_;
  bool now_ = false;
  sandbox::RunningSandbox* running_ = nullptr;
};

}  // namespace pipeline::step
