// Runs of other pipelines as the work of jobs: a worker waits for them, whoever drives runs makes
// them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agents/protocol/job_order.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::link {

// How a child run ended.
struct ChildEnd {
  run::RunStatus status = run::RunStatus::succeeded;
  std::string reason;
};

class ChildRun {
 public:
  virtual ~ChildRun() = default;
  // Blocks until it has ended and nothing of it is left; once. `began` hears its number as soon as
  // it has one. An error says why there was no such run, or that it could not be driven to its end.
  virtual base::Result<ChildEnd> run(const std::function<void(run::RunId)>& began) = 0;
  // Cancels it; kills what still runs when called again. Any thread, also before run().
  virtual void interrupt() = 0;
};

// `order` is of kind ChildOrder. Called from the thread that starts jobs.
using MakeChild =
    std::function<base::Result<std::unique_ptr<ChildRun>>(const protocol::JobOrder& order)>;

}  // namespace pipeline::link
