// Prints one job's log to a terminal or a pipe, as far as it is written, again and again while it
// grows. Memory is constant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runner/cli/terminal.h"
#include "stages/log/reader.h"

namespace pipeline::cli {

struct LogLayout {
  std::string prefix;  // before each line: "unit | "; empty: none
  bool timestamps = false;
};

class LogPrinter {
 public:
  // `out` must outlive it. `tail`: begin with the last so many lines.
  static base::Result<LogPrinter> open(const std::filesystem::path& directory, LogLayout layout,
                                       std::optional<std::uint64_t> tail, Terminal& out);

  // Prints what there is beyond what was printed. A line that has no end yet waits for it.
  base::Result<> pump();
  // The last line, also without its end.
  void finish();

 private:
  LogPrinter(log::LogReader reader, LogLayout layout, Terminal& out);
  bool is_verbatim() const;
  void print_lines(const log::Piece& piece);
  void print_line(std::string_view line, base::TimePoint at);

  log::LogReader reader_;
  LogLayout layout_;
  Terminal* out_;
  std::uint64_t offset_ = 0;
  std::string partial_;  // a line whose end has not come
  base::TimePoint partial_at_;
};

}  // namespace pipeline::cli
