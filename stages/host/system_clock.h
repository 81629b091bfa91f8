// The wall clock of this machine.
#pragma once

#include <chrono>

#include "pipelines/base/clock.h"

namespace pipeline::host {

class SystemClock final : public base::Clock {
 public:
  base::TimePoint now() const override {
    return std::chrono::floor<base::TimePoint::duration>(std::chrono::system_clock::now());
  }
};

}  // namespace pipeline::host
