#include "pipelines/schedule/firing.h"

#include <deque>

namespace pipeline::schedule {

using base::TimePoint;

std::optional<TimePoint> next_firing(const Cron& cron, const TimeZone& zone, TimePoint after) {
  // Instants follow the order of local times, so the first that comes later is the earliest. Those
  // that do not are of an hour that clocks show a second time: at most some hundred.
  for (auto local = cron.next(zone.local(after)); local; local = cron.next(*local)) {
    const TimePoint at = zone.instant(*local);
    if (at > after) return at;
  }
  return std::nullopt;
}

std::vector<TimePoint> next_firings(const Cron& cron, const TimeZone& zone, TimePoint after,
                                    std::size_t count) {
  std::vector<TimePoint> firings;
  while (firings.size() < count) {
    const auto next = next_firing(cron, zone, firings.empty() ? after : firings.back());
    if (!next) break;
    firings.push_back(*next);
  }
  return firings;
}

std::vector<TimePoint> made_up_for(model::MissedFirings policy, const Cron& cron,
                                   const TimeZone& zone, TimePoint last, TimePoint now,
                                   std::size_t most) {
  if (policy == model::MissedFirings::skip) return {};
  const std::size_t kept = policy == model::MissedFirings::run_once ? 1 : most;
  std::deque<TimePoint> missed;
  for (auto at = next_firing(cron, zone, last); at && *at <= now;
       at = next_firing(cron, zone, *at)) {
    missed.push_back(*at);
    if (missed.size() > kept) missed.pop_front();
  }
  return {missed.begin(), missed.end()};
}

}  // namespace pipeline::schedule
