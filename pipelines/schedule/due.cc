#include "pipelines/schedule/due.h"

#include <algorithm>

namespace pipeline::schedule {

using base::TimePoint;

TimePoint Watch::look(TimePoint now) {
  const bool is_break = !since_ || now < last_look_ || now - last_look_ > kLongestPause;
  if (is_break) since_ = now;
  last_look_ = now;
  return *since_;
}

std::vector<TimePoint> due(const Standing& standing, TimePoint watched_since, TimePoint now,
                           std::size_t most) {
  const auto& [cron, zone, policy, last] = standing;
  const TimePoint back = std::min(watched_since, now);
  std::vector<TimePoint> firings = made_up_for(policy, cron, zone, last, back, most);
  const std::vector<TimePoint> on_time =
      made_up_for(model::MissedFirings::run_all, cron, zone, std::max(last, back), now, most);
  firings.insert(firings.end(), on_time.begin(), on_time.end());
  return firings;
}

}  // namespace pipeline::schedule
