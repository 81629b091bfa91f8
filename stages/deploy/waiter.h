// Waiting, as a port: tests wait in no time.
#pragma once

#include <stop_token>

#include "pipelines/base/clock.h"

namespace pipeline::deploy {

enum class Waited { full, stopped };

class Waiter {
 public:
  virtual ~Waiter() = default;
  // Returns early, with `stopped`, when a stop is or was requested.
  virtual Waited wait(base::Duration duration, std::stop_token stop) = 0;
};

// On the machine's steady clock. Any number of threads.
class SystemWaiter final : public Waiter {
 public:
  Waited wait(base::Duration duration, std::stop_token stop) override;
};

}  // namespace pipeline::deploy
