// The real loop around an Engine: a queue that workers post to from any thread, timers, and
// cancellation from a signal handler.
//
// Order of use: make the Loop, make the Engine with it as sink, run(). The Loop must outlive the
// workers that post to it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "agents/link/link.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/engine/engine.h"
#include "runner/engine/run_gate.h"
#include "stages/host/unique_fd.h"

namespace pipeline::engine {

class Loop final : public link::EventSink {
 public:
  static base::Result<std::unique_ptr<Loop>> make();
  void post(run::EventBody event) override;  // any thread

  // Async-signal-safe: call it from a handler of SIGINT or SIGTERM. The first cancels the run, the
  // second kills what still runs.
  void interrupt() noexcept;
  // Has run() ask `leave` again. Any thread.
  void wake() noexcept;

  // Until the run has ended, or `leave` says so (it is asked after every change). `gate` says when
  // a run of a concurrency group begins, and must be there for one. Fails when the store could not
  // be written (see Engine), or the gate not be looked at.
  base::Result<> run(Engine& engine, const base::Clock& clock,
                     const std::function<bool()>& leave = {}, RunGate* gate = nullptr);

 private:
  explicit Loop(host::UniqueFd event_fd) : event_fd_(std::move(event_fd)) {}
  std::vector<run::EventBody> take_posted();
  static base::Result<> look_at(RunGate& gate, Engine& engine);
  // Sleeps until something was posted, an interrupt came, or `until` has passed.
  void wait(std::optional<base::TimePoint> until, const base::Clock& clock) const;

  host::UniqueFd event_fd_;
  std::mutex mutex_;  // guards posted_
  std::vector<run::EventBody> posted_;
  std::atomic<int> interrupts_ = 0;
};

}  // namespace pipeline::engine
