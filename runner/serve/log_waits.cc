#include "runner/serve/log_waits.h"

#include <vector>

namespace pipeline::serve {

LogWaits::Ticket LogWaits::begin(run::RunId run, std::string job, base::TimePoint until) {
  const std::scoped_lock guard(mutex_);
  waiters_[++last_] = {
      .run = run, .job = std::move(job), .until = until, .is_woken = is_closed_, .again = {}};
  return last_;
}

void LogWaits::wait(Ticket ticket, std::function<void()> again) {
  {
    const std::scoped_lock guard(mutex_);
    const auto found = waiters_.find(ticket);
    if (found == waiters_.end()) return;
    if (!found->second.is_woken) {
      found->second.again = std::move(again);
      return;
    }
    waiters_.erase(found);
  }
  carry_out_(std::move(again));
}

void LogWaits::end(Ticket ticket) {
  const std::scoped_lock guard(mutex_);
  waiters_.erase(ticket);
}

void LogWaits::note(run::RunId run, const std::string& job) {
  wake([&](const Waiter& waiter) { return waiter.run == run && waiter.job == job; });
}

void LogWaits::note(run::RunId run, const run::Event& event) {
  if (const auto* const finished = std::get_if<run::JobFinished>(&event.body))
    return note(run, finished->job);
  if (std::holds_alternative<run::RunFinished>(event.body))
    wake([&](const Waiter& waiter) { return waiter.run == run; });
}

void LogWaits::advance() {
  const base::TimePoint now = clock_.now();
  wake([&](const Waiter& waiter) { return waiter.until <= now; });
}

void LogWaits::close() {
  {
    const std::scoped_lock guard(mutex_);
    is_closed_ = true;
  }
  wake([](const Waiter&) { return true; });
}

void LogWaits::wake(const std::function<bool(const Waiter&)>& is_meant) {
  std::vector<std::function<void()>> woken;
  {
    const std::scoped_lock guard(mutex_);
    for (auto one = waiters_.begin(); one != waiters_.end();) {
      const auto here = one++;
      Waiter& waiter = here->second;
      if (!is_meant(waiter)) continue;
      waiter.is_woken = true;
      if (!waiter.again) continue;
      woken.push_back(std::move(waiter.again));
      waiters_.erase(here);
    }
  }
  if (woken.empty()) return;
  carry_out_([woken = std::move(woken)] {
    for (const auto& again : woken) again();
  });
}

}  // namespace pipeline::serve
