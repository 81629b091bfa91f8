// How much each of many strangers may ask for: a token bucket a name ("127.0.0.1", a token's name).
//
// Pure: time comes in. One thread. Memory is bounded: of too many buckets the fullest go.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"

namespace pipeline::api {

class RateLimit {
 public:
  // `burst` at once, and then `a_second`. REQUIRES: both are positive.
  RateLimit(double a_second, double burst) : a_second_(a_second), burst_(burst) {}

  // None: it may; otherwise how long it has to wait before it may again.
  std::optional<base::Duration> take(const std::string& name, base::TimePoint now);

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double level;  // at `filled_at`
    base::TimePoint filled_at;
  };

  double level_of(const Bucket& bucket, base::TimePoint now) const;
  void make_room(base::TimePoint now);

  double a_second_;
  double burst_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace pipeline::api
