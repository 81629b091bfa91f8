// Schedules, as people call for them: when each fires next.
//
// Threads: the server's.
#pragma once

#include <vector>

#include "runner/serve/scheduler.h"
#include "runner/server/api/endpoint.h"

namespace pipeline::serve {

class ScheduleEndpoints {
 public:
  // It outlives this.
  explicit ScheduleEndpoints(const Scheduler& scheduler) : scheduler_(scheduler) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void list(const api::Call& call) const;

  const Scheduler& scheduler_;
};

}  // namespace pipeline::serve
