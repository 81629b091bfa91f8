#include "runner/server/api/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace pipeline::api {

namespace {

constexpr std::size_t kMostBuckets = 10'000;

}  // namespace

double RateLimit::level_of(const Bucket& bucket, base::TimePoint now) const {
  // A clock may be set back.
  const auto passed = std::max(now - bucket.filled_at, base::TimePoint::duration::zero());
  const double seconds = std::chrono::duration<double>(passed).count();
  return std::min(burst_, bucket.level + seconds * a_second_);
}

std::optional<base::Duration> RateLimit::take(const std::string& name, base::TimePoint now) {
  auto found = buckets_.find(name);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kMostBuckets) make_room(now);
    found = buckets_.emplace(name, Bucket{burst_, now}).first;
  }
  Bucket& bucket = found->second;
  bucket = {level_of(bucket, now), now};
  if (bucket.level >= 1) {
    bucket.level -= 1;
    return std::nullopt;
  }
  const std::chrono::duration<double> wait((1 - bucket.level) / a_second_);
  return std::chrono::ceil<base::Duration>(wait);
}

void RateLimit::give_back(const std::string& name) {
  const auto found = buckets_.find(name);
  if (found != buckets_.end()) found->second.level = std::min(burst_, found->second.level + 1);
}

// A quarter at once, so that a flood of names does not look through all of them for each.
void RateLimit::make_room(base::TimePoint now) {
  std::vector<double> levels;
  for (const auto& [name, bucket] : buckets_) levels.push_back(level_of(bucket, now));
  const auto threshold = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() * 3 / 4);
  std::ranges::nth_element(levels, threshold);
  std::size_t to_go = levels.size() / 4;
  std::erase_if(buckets_, [&](const auto& entry) {
    if (to_go == 0 || level_of(entry.second, now) < *threshold) return false;
    --to_go;
    return true;
  });
}

}  // namespace pipeline::api
