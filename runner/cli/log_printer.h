// Prints one job's log to a terminal or a pipe, as far as it is written, again and again while it
// grows. Memory is constant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runner/cli/line_filter.h"
#include "runner/cli/line_splitter.h"
#include "runner/cli/terminal.h"
#include "stages/log/source.h"

namespace pipeline::cli {

struct LogLayout {
  std::string prefix;  // before each line: "unit | "; empty: none
  bool timestamps = false;
  const LineMatcher* matcher = nullptr;  // which lines; null: all. Must outlive the printer.
  std::size_t context = 0;               // lines around each that matches
};

class LogPrinter {
 public:
  // `out` must outlive it. `tail`: begin with the last so many lines, of those that match.
  static base::Result<LogPrinter> begin(std::unique_ptr<log::LogSource> log, LogLayout layout,
                                        std::optional<std::uint64_t> tail, Terminal& out);

  // Prints what there is beyond what was printed. A line that has no end yet waits for it.
  base::Result<> pump();
  // Returns when there may be more, or somewhat later: log::LogSource::wait().
  base::Result<> wait(base::Duration patience) { return log_->wait(offset_, patience); }
  // The last line, also without its end.
  void finish();
  // Whether there was a line that matches; true without a matcher.
  bool has_matched() const { return !filter_ || filter_->printed_matches() > 0; }

 private:
  LogPrinter(std::unique_ptr<log::LogSource> log, LogLayout layout, Terminal& out);
  bool is_verbatim() const;
  base::Result<> begin_with_last_matches(std::uint64_t wanted);
  void take(LogLine line);
  void print_line(const LogLine& line);

  std::unique_ptr<log::LogSource> log_;
  LogLayout layout_;
  Terminal* out_;
  std::uint64_t offset_ = 0;
  LineSplitter lines_;
  std::optional<LineFilter> filter_;
};

}  // namespace pipeline::cli
