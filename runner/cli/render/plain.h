// A run for a pipe, a file or a CI log: one line for each thing that happened, the summary at the
// end. Nothing is ever repainted.
#pragma once

#include "runner/cli/render/board.h"
#include "runner/cli/render/reporter.h"

namespace pipeline::render {

class PlainReporter final : public Reporter {
 public:
  // `output` must outlive it.
  PlainReporter(Board board, Output& output, LogTail tail, Color color);

  void on_event(const run::Event& event) override;
  void on_waiting(const std::string& job, const std::string& reason) override;
  void on_tick(base::TimePoint now) override;
  void finish(base::TimePoint now) override;

 private:
  Board board_;
  Output& output_;
  LogTail tail_;
  Color color_;
};

}  // namespace pipeline::render
