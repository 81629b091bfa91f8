// Decisions on what waits for people, as they call for them. Who decides is whose the token is.
//
// Threads: the server's.
#pragma once

#include <vector>

#include "runner/engine/stored_plan.h"
#include "runner/serve/access.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"

namespace pipeline::serve {

class DecisionEndpoints {
 public:
  // All outlive it; the store is the server's thread's own.
  DecisionEndpoints(store::RunStore& store, const store::Paths& paths, Access& access)
      : store_(store), paths_(paths), access_(access) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void decide(const api::Call& call);
  base::Result<> expect_approver(const api::Caller& caller, const std::string& repository,
                                 const engine::StoredRun& run, std::size_t job) const;

  store::RunStore& store_;
  const store::Paths& paths_;
  Access& access_;
};

}  // namespace pipeline::serve
