// Where time comes from. Pure code is handed a TimePoint; only effects at the edge hold a Clock.
#pragma once

#include <chrono>

namespace pipeline::base {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

// Safe for concurrent calls.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

}  // namespace pipeline::base
