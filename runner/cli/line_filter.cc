#include "runner/cli/line_filter.h"

namespace pipeline::cli {

namespace {

constexpr std::size_t kMostHeld = std::size_t{1} << 20U;  // bytes of lines that may be wanted yet

}  // namespace

bool LineFilter::is_wanted(std::string_view line) {
  if (!matcher_->matches(line)) return false;
  if (skip_ == 0) return true;
  --skip_;
  return false;
}

void LineFilter::keep(LogLine line) {
  before_bytes_ += line.text.size();
  before_.push_back(std::move(line));
  while (before_.size() > context_ || before_bytes_ > kMostHeld) {
    before_bytes_ -= before_.front().text.size();
    before_.pop_front();
    has_gap_ = true;
  }
}

void LineFilter::take(LogLine line, const Print& print, const Separate& separate) {
  if (is_wanted(line.text)) {
    if (has_gap_ && has_printed_ && context_ > 0) separate();
    for (const LogLine& earlier : before_) print(earlier);
    print(line);
    before_.clear();
    before_bytes_ = 0;
    has_gap_ = false;
    has_printed_ = true;
    after_ = context_;
    ++matches_;
  } else if (after_ > 0) {
    --after_;
    print(line);
  } else {
    keep(std::move(line));
  }
}

}  // namespace pipeline::cli
