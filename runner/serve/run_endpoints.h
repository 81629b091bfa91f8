// Runs, as people call for them: start, list, look at, follow, cancel, try again.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "agents/link/remote/agent_desk.h"
#include "runner/cli/services.h"
#include "runner/serve/access.h"
#include "runner/serve/event_feed.h"
#include "runner/serve/served_runs.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

class RunEndpoints {
 public:
  // All outlive it; the stores and paths are the server's thread's own.
  RunEndpoints(ServedRuns& runs, link::AgentDesk& desk, EventFeed& feed, store::RunStore& store,
               store::RepositoryStore& repositories, const store::Paths& paths, Access& access)
      : runs_(runs),
        desk_(desk),
        feed_(feed),
        store_(store),
        repositories_(repositories),
        paths_(paths),
        access_(access) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void start(const api::Call& call);
  void list(const api::Call& call);
  void show(const api::Call& call);
  void events(const api::Call& call);
  void cancel(const api::Call& call);
  void retry(const api::Call& call);

  ServedRuns& runs_;
  link::AgentDesk& desk_;
  EventFeed& feed_;
  store::RunStore& store_;
  store::RepositoryStore& repositories_;
  const store::Paths& paths_;
  Access& access_;
};

}  // namespace pipeline::serve
