// The display of a run that goes on: chooses the reporter that fits the output, feeds it the events
// of the engine, and on a terminal a tick every now and then.
//
// Order of calls: make → on_event* (buffered) → show → (on_event | on_waiting)* → finish or leave.
// on_event and on_waiting may come from any thread; the rest from the one that made it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/plan/plan.h"
#include "runner/cli/options.h"
#include "runner/cli/render/board.h"
#include "runner/cli/render/live.h"
#include "runner/cli/render/reporter.h"
#include "runner/cli/terminal.h"

namespace pipeline::cli {

class Display {
 public:
  // Everything given must outlive it.
  Display(Console& console, Format format, const base::Clock& clock, render::CommandPlace place,
          render::CtrlC ctrl_c = render::CtrlC::cancels);
  ~Display();
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  void on_event(const run::Event& event);
  // Why a queued job has no agent yet; from any thread. After the end nothing is shown of it.
  void on_waiting(const std::string& job, const std::string& reason);
  // The run got its number: what was buffered is shown now. `history` are its stored events: those
  // before the first that was buffered are known and not shown. `plan` must outlive the display.
  base::Result<> show(run::RunId id, const plan::Plan& plan, const std::vector<run::Event>& history,
                      render::LogTail tail);
  // The run is over: the summary.
  void finish();
  // Instead, when it goes on without us: what is shown stays, and nothing more comes.
  void leave() { stop_ticking(); }

 private:
  std::unique_ptr<render::Reporter> make_reporter(render::Board board, render::LogTail tail);
  bool is_live() const { return format_ == Format::text && console_.out.takes_escapes(); }
  void tick_until_stopped();
  void stop_ticking();

  Console& console_;
  Format format_;
  const base::Clock& clock_;
  const render::CommandPlace place_;
  const render::CtrlC ctrl_c_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::unique_ptr<render::Reporter> reporter_;
  std::vector<run::Event> early_;
  std::thread ticker_;
};

}  // namespace pipeline::cli
