// A run on a terminal: one line for each running job with its time and its last line of output;
// finished jobs scroll up; the summary at the end. Paints only on ticks, so that a thousand short
// jobs cost no more than one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runner/cli/render/board.h"
#include "runner/cli/render/live_region.h"
#include "runner/cli/render/reporter.h"

namespace pipeline::render {

// What Ctrl-C does to the run that is shown.
enum class CtrlC { cancels, leaves };

class LiveReporter final : public Reporter {
 public:
  // `output` must outlive it.
  LiveReporter(Board board, Output& output, LogTail tail, Color color,
               CtrlC ctrl_c = CtrlC::cancels);

  void on_event(const run::Event& event) override;
  void on_waiting(const std::string& job, const std::string& reason) override;
  void on_tick(base::TimePoint now) override;
  void finish(base::TimePoint now) override;

 private:
  std::vector<std::string> region(base::TimePoint now, ScreenSize size) const;
  std::string job_line(std::size_t job, base::TimePoint now, std::size_t columns) const;
  std::string status_line(base::TimePoint now, std::size_t columns) const;
  std::string last_words(std::size_t job) const;
  bool is_shown(std::size_t job) const;

  Board board_;
  Output& output_;
  LogTail tail_;
  Color color_;
  CtrlC ctrl_c_;
  LiveRegion region_;
  std::vector<std::string> scrolled_;           // since the last paint
  std::map<std::string, std::string> waiting_;  // of jobs that may have gone on: why they waited
};

}  // namespace pipeline::render
