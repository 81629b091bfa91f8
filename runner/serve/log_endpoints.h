// What jobs left beside their events, as people call for it: logs, reports of tests, and what tests
// came to before.
//
// Threads: the server's; logs are read on those of the pool.
#pragma once

#include <vector>

#include "agents/worker/thread_pool.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"
#include "runner/store/test_history.h"

namespace pipeline::serve {

class LogEndpoints {
 public:
  // All outlive it; the stores are the server's thread's own.
  LogEndpoints(store::RunStore& store, store::TestHistory& history, const store::Paths& paths,
               worker::ThreadPool& pool)
      : store_(store), history_(history), paths_(paths), pool_(pool) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void log(const api::Call& call);
  void pieces(const api::Call& call);
  void report(const api::Call& call);
  void past_results(const api::Call& call);
  void flaky_tests(const api::Call& call);

  store::RunStore& store_;
  store::TestHistory& history_;
  const store::Paths& paths_;
  worker::ThreadPool& pool_;
};

}  // namespace pipeline::serve
