// A clock that stands still until a test moves it. Safe for concurrent calls.
#pragma once

#include <atomic>

#include "pipelines/base/clock.h"

namespace pipeline::support {

class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::TimePoint start = base::TimePoint(std::chrono::hours(24) * 365))
      : micros_(start.time_since_epoch().count()) {}

  base::TimePoint now() const override {
    return base::TimePoint(std::chrono::microseconds(micros_.load()));
  }
  void advance(std::chrono::microseconds by) { micros_.fetch_add(by.count()); }

 private:
  std::atomic<std::chrono::microseconds::rep> micros_;
};

}  // namespace pipeline::support
