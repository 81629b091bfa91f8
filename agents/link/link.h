// The engine's way to a worker: in this process, or in one for each attempt that outlives it.
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
// An attempt that an earlier process started may be going on still, or have ended meanwhile:
//   resume() → (stop | leave)* → the rest of its reports, as above.
// Threads: calls come from the engine's thread only; the sink is called from any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agents/protocol/job_order.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::link {

// Where a worker reports. Safe to call from any thread; never blocks for long; keeps per-job order.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void post(run::EventBody event) = 0;
};

// One that was started by whoever held the run before.
struct EarlierAttempt {
  std::string job;
  std::uint32_t attempt = 1;
  std::filesystem::path log_directory;  // what its order said
  run::RunId run = 0;
};

class Link {
 public:
  virtual ~Link() = default;
  virtual void start(protocol::JobOrder order, EventSink& sink) = 0;
  // What the attempt has reported so far and when, from its beginning, with its JobFinished if it
  // is over; the sink gets what follows. None: it ended with the process that started it, or never
  // began. An error says that it could not be found out, not that the attempt is over.
  virtual base::Result<std::optional<std::vector<run::Event>>> resume(
      const EarlierAttempt& /*attempt*/, EventSink& /*sink*/) {
    return std::nullopt;
  }
  // `as` and `reason` are what the JobFinished will carry: timed_out or cancelled.
  virtual void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
                    const std::string& reason) = 0;
  virtual void stop_now(const std::string& job, std::uint32_t attempt) = 0;
  // Attempts go on when the link is destroyed, instead of being ended, if they can: those that
  // resume() took up, when whoever took them up cannot drive their run; all of them, when their
  // holder goes and another one will come.
  enum class Leaves { taken_up, all };
  virtual void leave(Leaves /*which*/ = Leaves::taken_up) {}
};

}  // namespace pipeline::link
