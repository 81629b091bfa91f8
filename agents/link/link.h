// The engine's way to a worker. In process today; the same calls travel over HTTP to a remote
// agent.
//
// Order of calls for one attempt:  start → (stop)* → the worker posts exactly one JobFinished,
// always, whatever happens.
//   1. start() returns at once. The worker posts JobLeased, JobWaiting …, JobStarted,
//   CommandStarted/Finished …, JobFinishing and last
//      JobFinished to the sink. A job that could not be set up goes from JobLeased to
//      JobFinished{errored}.
//   2. stop() is idempotent: TERM to the job now, KILL after its grace time. Stopping what is
//   unknown or over is ignored.
//   3. stop_now() kills without grace (a second Ctrl-C).
// Threads: calls come from the engine's thread only; the sink is called from any thread.
#pragma once

#include <string>

#include "agents/protocol/job_order.h"
#include "pipelines/run/event.h"

namespace pipeline::link {

// Where a worker reports. Safe to call from any thread; never blocks for long; keeps per-job order.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void post(run::EventBody event) = 0;
};

class Link {
 public:
  virtual ~Link() = default;
  virtual void start(protocol::JobOrder order, EventSink& sink) = 0;
  // `as` and `reason` are what the JobFinished will carry: timed_out or cancelled.
  virtual void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
                    const std::string& reason) = 0;
  virtual void stop_now(const std::string& job, std::uint32_t attempt) = 0;
};

}  // namespace pipeline::link
