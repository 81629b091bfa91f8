// A thread that does something each time it is due.
//
// Order of calls: start() → stop(); wake() at any time, from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "pipelines/base/clock.h"

namespace pipeline::serve {

class Ticker {
 public:
  // `work` is called at once, then again at the time that it returned, or sooner. The clock
  // outlives it.
  Ticker(const base::Clock& clock, std::function<base::TimePoint()> work)
      : clock_(clock), work_(std::move(work)) {}

  void start();
  // Waits for work that is under way.
  void stop() { thread_ = {}; }
  // The work is done once more, soon.
  void wake();

 private:
  void run(const std::stop_token& stop);

  const base::Clock& clock_;
  const std::function<base::TimePoint()> work_;
  std::mutex mutex_;  // guards what follows
  bool is_woken_ = false;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace pipeline::serve
