// One line of a terminal that says how far something long has come, painted over as it goes on and
// gone when it is over. Nothing where nobody looks.
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runner/cli/terminal.h"

namespace pipeline::cli {

class ProgressLine {
 public:
  // On standard error, which outlives it. `doing`: "packed".
  ProgressLine(Console& console, std::string doing);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Often enough is fine: it is painted a few times a second.
  void show(std::uint64_t bytes, const std::string& what);

 private:
  Console& console_;
  const std::string doing_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace pipeline::cli
