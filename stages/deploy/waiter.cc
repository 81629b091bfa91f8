#include "stages/deploy/waiter.h"

#include <condition_variable>
#include <mutex>

namespace pipeline::deploy {

Waited SystemWaiter::wait(base::Duration duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_for(lock, stop, duration, [] { return false; });
  return stop.stop_requested() ? Waited::stopped : Waited::full;
}

}  // namespace pipeline::deploy
