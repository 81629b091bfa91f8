// Starts a job under a plan and follows it to its end.
//
// Order of calls: Launcher::start() → (stop() | stop_now())* → wait() once, which returns when
// nothing of the job is left: no process, mount or cgroup. wait() blocks and calls the observer
// from its own thread; stop() and stop_now() may come from any thread, before or during wait(), any
// number of times.
//
// A helper lives no longer than the object that holds it, nor than the process that holds that,
// however it ends: the helper notices the closed control socket, kills the job and cleans up after
// it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "pipelines/base/result.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox {

class SandboxObserver {
 public:
  virtual ~SandboxObserver() = default;
  // A service was started that takes time to be ready: all before it are.
  virtual void service_awaited(std::uint32_t /*index*/) {}
  virtual void command_started(std::uint32_t index) = 0;
  virtual void command_finished(std::uint32_t index, int exit_code) = 0;  // 128 + n for a signal n
};

enum class StopCause { cancelled, timed_out };

class RunningSandbox {
 public:
  RunningSandbox(RunningSandbox&&) noexcept;
  RunningSandbox& operator=(RunningSandbox&&) noexcept;
  // Kills a job that is still running, and waits until nothing of it is left.
  ~RunningSandbox();

  // TERM to every process of the job now, KILL after the plan's grace. The result carries `as`.
  void stop(StopCause as);
  // KILL now.
  void stop_now();

  // A sandbox that could not be set up is a result (Cause::setup), not an error; an error means
  // that the helper itself was lost.
  base::Result<SandboxResult> wait(SandboxObserver& observer);

 private:
  friend class Launcher;
  struct Impl;
  explicit RunningSandbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Starts helpers, by way of one process that is kept for forking them. Half of what a sandbox costs
// does not depend on the plan (the helper's own start, namespaces, the system directories): it can
// be done ahead. Safe for concurrent calls; what it started does not need it any more.
class Launcher {
 public:
  explicit Launcher(const std::filesystem::path& helper_program);
  // An unused helper is ended, and waited for.
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Has one helper ready for the next plan that asks for nothing beyond the defaults. Does nothing
  // when there is one, and is silent when it fails: start() will meet the same trouble and say so.
  void prepare();

  // Has that one process ready, no helper: a helper keeps the mounts of the host as they are when
  // it is made, and is for a job that comes soon. As silent.
  void warm_up();

  // The log directory must exist and be writable by the caller. Returns once a helper has the plan;
  // what goes wrong from there on is told by wait().
  base::Result<RunningSandbox> start(const SandboxPlan& plan);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For host::find_helper().
inline constexpr const char* kHelperName = "pipeline-sandbox";

}  // namespace pipeline::sandbox
