#include "runner/serve/ticker.h"

namespace pipeline::serve {

void Ticker::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Ticker::wake() {
  const std::scoped_lock guard(mutex_);
  is_woken_ = true;
  changed_.notify_all();
}

void Ticker::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const base::TimePoint again = work_();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, again - clock_.now(), [this] { return is_woken_; });
    is_woken_ = false;
  }
}

}  // namespace pipeline::serve
