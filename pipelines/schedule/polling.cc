#include "pipelines/schedule/polling.h"

#include <algorithm>

namespace pipeline::schedule {

namespace {

using base::Duration;

constexpr Duration kFirstWait = std::chrono::seconds(15);  // after a failure; doubled by each more
constexpr Duration kLongestWait = std::chrono::hours(1);
constexpr double kSpread = 0.1;

Duration after_failures(std::uint32_t failures) {
  Duration wait = kFirstWait;
  for (std::uint32_t i = 1; i < failures && wait < kLongestWait; ++i) wait *= 2;
  return std::min(wait, kLongestWait);
}

}  // namespace

std::optional<base::TimePoint> next_look(base::TimePoint now, std::optional<Duration> every,
                                         std::uint32_t failures, double chance) {
  if (!every && failures == 0) return std::nullopt;
  Duration wait = every.value_or(Duration{0});
  if (failures > 0) wait = std::max(wait, after_failures(failures));
  const double share = 1 + kSpread * (2 * std::clamp(chance, 0.0, 1.0) - 1);
  const std::chrono::duration<double, Duration::period> spread(static_cast<double>(wait.count()) *
                                                               share);
  return now + std::chrono::round<Duration>(spread);
}

}  // namespace pipeline::schedule
