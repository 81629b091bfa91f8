// Starts a job under a plan and follows it to its end.
//
// Order of calls: start() → (stop() | stop_now())* → wait() once, which returns when nothing of the
// job is left: no process, mount or cgroup. wait() blocks and calls the observer from its own
// thread; stop() and stop_now() may come from any thread, before or during wait(), any number of
// times.
//
// The helper lives no longer than this object, nor than the process that holds it, however that
// process ends: the helper notices the closed control socket, kills the job and cleans up after it.
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
  friend base::Result<RunningSandbox> start(const SandboxPlan&, const std::filesystem::path&);
  struct Impl;
  explicit RunningSandbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The log directory must exist and be writable by the caller. Returns once the helper was executed;
// what goes wrong from there on is told by wait().
base::Result<RunningSandbox> start(const SandboxPlan& plan,
                                   const std::filesystem::path& helper_program);

// For host::find_helper().
inline constexpr const char* kHelperName = "pipeline-sandbox";

}  // namespace pipeline::sandbox
