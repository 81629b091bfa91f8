// What jobs left beside their events, as people call for it: logs, reports of tests, and what tests
// came to before.
//
// Whoever follows a log asks for its end with `wait`, and is answered when it goes on
// (log_waits.h).
//
// Threads: the server's; logs are read on those of the pool.
#pragma once

#include <vector>

#include "agents/worker/thread_pool.h"
#include "pipelines/base/clock.h"
#include "runner/serve/log_waits.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"
#include "runner/store/test_history.h"

namespace pipeline::serve {

class LogEndpoints {
 public:
  // All outlive it; the stores are the server's thread's own.
  struct Parts {
    store::RunStore& store;
    store::TestHistory& history;
    LogWaits& waits;
    const store::Paths& paths;
    worker::ThreadPool& pool;
    const base::Clock& clock;
  };

  explicit LogEndpoints(const Parts& parts) : parts_(parts) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void log(const api::Call& call);
  void pieces(const api::Call& call);
  void report(const api::Call& call);
  void past_results(const api::Call& call);
  void flaky_tests(const api::Call& call);

  const Parts parts_;
};

}  // namespace pipeline::serve
