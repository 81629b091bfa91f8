#include "runner/cli/progress_line.h"

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"

namespace pipeline::cli {

namespace {

constexpr std::chrono::milliseconds kPaintEvery{100};
constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(Console& console, std::string doing)
    : console_(console), doing_(std::move(doing)) {}

ProgressLine::~ProgressLine() {
  if (is_shown_) console_.err.write(kEraseLine);
}

void ProgressLine::show(std::uint64_t bytes, const std::string& what) {
  if (!console_.err.takes_escapes()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kPaintEvery;
  is_shown_ = true;
  const std::string text = doing_ + " " + base::format_size(bytes) + "  " + base::printable(what);
  console_.err.write(std::string(kEraseLine) + base::elide(text, console_.err.width()));
}

}  // namespace pipeline::cli
