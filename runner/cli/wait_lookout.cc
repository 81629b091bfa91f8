#include "runner/cli/wait_lookout.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runner/cli/server_runs.h"

namespace pipeline::cli {

namespace {

// Longer than an idle agent needs.
constexpr std::chrono::seconds kFirst{3};
constexpr std::chrono::seconds kLongest{30};

}  // namespace

WaitLookout::WaitLookout(run::RunId id, ServerClient client, Tell tell)
    : id_(id),
      client_(std::move(client)),
      tell_(std::move(tell)),
      thread_([this] { look_until_stopped(); }) {}

WaitLookout::~WaitLookout() {
  {
    const std::scoped_lock guard(mutex_);
    is_stopping_ = true;
  }
  client_.cancel();
  changed_.notify_all();
  thread_.join();
}

void WaitLookout::expect(const std::string& job) {
  {
    const std::scoped_lock guard(mutex_);
    told_.erase(job);
    has_new_ = true;
  }
  changed_.notify_all();
}

void WaitLookout::look_until_stopped() {
  const auto stopping = [this] { return is_stopping_; };
  const auto called = [this] { return is_stopping_ || has_new_; };
  std::chrono::seconds pause = kFirst;
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (somebody_waits_) {
      changed_.wait_for(lock, pause, called);
    } else {
      changed_.wait(lock, called);
    }
    if (std::exchange(has_new_, false)) {
      pause = kFirst;
      changed_.wait_for(lock, kFirst, stopping);
    }
    if (is_stopping_) return;
    lock.unlock();
    const bool waits = look();
    lock.lock();
    somebody_waits_ = waits;
    pause = std::min(pause * 2, kLongest);
  }
}

bool WaitLookout::look() {
  const auto waiting = waiting_jobs_of(client_, id_);
  if (!waiting) return true;
  for (const auto& [job, reason] : *waiting) {
    if (is_news(job, reason)) tell_(job, reason);
  }
  return !waiting->empty();
}

bool WaitLookout::is_news(const std::string& job, const std::string& reason) {
  const std::scoped_lock guard(mutex_);
  return std::exchange(told_[job], reason) != reason;
}

}  // namespace pipeline::cli
