// Who waits for a job's log to go on.
//
//   ticket = begin(…) → look: there is something → end(ticket)
//                       there is nothing → wait(ticket, again)
//
// What comes between begin() and wait() is not missed.
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/run/event.h"

namespace pipeline::serve {

class LogWaits {
 public:
  using Ticket = std::uint64_t;

  // `carry_out` brings a task to where files may be read; however many are woken at a time, it is
  // one. The clock outlives it.
  using CarryOut = std::function<void(std::function<void()> task)>;
  LogWaits(const base::Clock& clock, CarryOut carry_out)
      : clock_(clock), carry_out_(std::move(carry_out)) {}

  Ticket begin(run::RunId run, std::string job, base::TimePoint until);
  // `again` is carried out once, with the first news, or when its time has come; perhaps before it
  // returns. That is the end of the ticket.
  void wait(Ticket ticket, std::function<void()> again);
  // Nothing is carried out for it any more, unless it is on the way.
  void end(Ticket ticket);

  // The job printed something.
  void note(run::RunId run, const std::string& job);
  // The end of a job is news of its log: there will be no more.
  void note(run::RunId run, const run::Event& event);
  // Ends those whose time has come.
  void advance();
  // Ends all; whoever begins later does not wait.
  void close();

 private:
  struct Waiter {
    run::RunId run = 0;
    std::string job;
    base::TimePoint until;
    bool is_woken = false;
    std::function<void()> again;  // empty: it looks
  };

  void wake(const std::function<bool(const Waiter&)>& is_meant);

  const base::Clock& clock_;
  const CarryOut carry_out_;
  std::mutex mutex_;  // guards what follows
  std::map<Ticket, Waiter> waiters_;
  Ticket last_ = 0;
  bool is_closed_ = false;
};

}  // namespace pipeline::serve
