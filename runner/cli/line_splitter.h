// Pieces of a log as lines. A line that never ends comes in parts, so that memory is constant.
// Pure.
#pragma once

#include <functional>
#include <string>

#include "runner/cli/line_filter.h"
#include "stages/log/source.h"

namespace pipeline::cli {

class LineSplitter {
 public:
  using Take = std::function<void(LogLine)>;

  // Hands out the lines that the piece ends.
  void split(const log::Piece& piece, const Take& take);
  // The last line, also without its end.
  void finish(const Take& take);

 private:
  LogLine partial_;  // a line whose end has not come
};

}  // namespace pipeline::cli
