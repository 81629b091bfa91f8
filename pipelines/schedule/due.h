// Which firings start runs, when somebody looks at the schedules from time to time. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pipelines/schedule/firing.h"

namespace pipeline::schedule {

// Since when schedules have been looked at without a break. What fell into a break, because the
// server was down or its machine asleep, was missed.
class Watch {
 public:
  // Looks that are further apart than this have a break between them.
  static constexpr std::chrono::minutes kLongestPause{5};

  // Notes a look and returns the end of the last break: `now` for the first look, and when the
  // last one is too long ago or in the future (the clock was set back).
  base::TimePoint look(base::TimePoint now);

 private:
  std::optional<base::TimePoint> since_;
  base::TimePoint last_look_{};
};

// A schedule and the newest of its firings that was dealt with.
struct Standing {
  const Cron& cron;
  const TimeZone& zone;
  model::MissedFirings missed = model::MissedFirings::run_once;
  base::TimePoint last;
};

// The firings after `last` until and with `now` that start a run, oldest first. On those until and
// with `watched_since` the policy decides; those after it are on time. `most` as for made_up_for.
std::vector<base::TimePoint> due(const Standing& standing, base::TimePoint watched_since,
                                 base::TimePoint now, std::size_t most);

}  // namespace pipeline::schedule
