// Which lines of a log are printed by `pipeline logs --grep`: those that match, and some around
// them. Lines go in one by one and come out at once or never; of what does not match at most 1 MiB
// is held. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "runner/cli/line_matcher.h"

namespace pipeline::cli {

struct LogLine {
  std::string text;  // without its end
  base::TimePoint at;
};

class LineFilter {
 public:
  using Print = std::function<void(const LogLine&)>;
  // Between groups of lines that do not follow each other; only where there are lines around.
  using Separate = std::function<void()>;

  // `matcher` must outlive it. `context`: lines before and after each that matches.
  LineFilter(const LineMatcher& matcher, std::size_t context)
      : matcher_(&matcher), context_(context) {}

  // The first so many lines that match are none.
  void skip(std::uint64_t matches) { skip_ = matches; }
  bool is_skipping() const { return skip_ > 0; }

  void take(LogLine line, const Print& print, const Separate& separate);
  std::uint64_t printed_matches() const { return matches_; }

 private:
  bool is_wanted(std::string_view line);
  void keep(LogLine line);

  const LineMatcher* matcher_;
  std::size_t context_;
  std::uint64_t skip_ = 0;
  std::uint64_t matches_ = 0;
  std::size_t after_ = 0;  // lines still to be printed behind a match
  bool has_gap_ = false;   // lines were dropped since the last one printed
  bool has_printed_ = false;
  std::deque<LogLine> before_;
  std::size_t before_bytes_ = 0;
};

}  // namespace pipeline::cli
