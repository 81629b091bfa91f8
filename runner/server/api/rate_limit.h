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

// `burst` at once, and then `a_second`; both are positive.
struct Rate {
  double a_second = 0;
  double burst = 0;

  bool operator==(const Rate&) const = default;
};

class RateLimit {
 public:
  explicit RateLimit(const Rate& rate) : a_second_(rate.a_second), burst_(rate.burst) {}
  RateLimit(double a_second, double burst) : RateLimit(Rate{a_second, burst}) {}

  // None: it may; otherwise how long it has to wait before it may again.
  std::optional<base::Duration> take(const std::string& name, base::TimePoint now);
  // It was not meant to count.
  void give_back(const std::string& name);

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
