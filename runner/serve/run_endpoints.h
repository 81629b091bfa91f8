// Runs, as people call for them: start, list, follow, read, cancel.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runner/cli/services.h"
#include "runner/serve/event_feed.h"
#include "runner/serve/served_runs.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

class RunEndpoints {
 public:
  // All outlive it; the stores and paths are the server's thread's own.
  RunEndpoints(ServedRuns& runs, EventFeed& feed, store::RunStore& store,
               store::RepositoryStore& repositories, const store::Paths& paths)
      : runs_(runs), feed_(feed), store_(store), repositories_(repositories), paths_(paths) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void start(const api::Call& call);
  void list(const api::Call& call);
  void events(const api::Call& call);
  void log(const api::Call& call);
  void cancel(const api::Call& call);

  ServedRuns& runs_;
  EventFeed& feed_;
  store::RunStore& store_;
  store::RepositoryStore& repositories_;
  const store::Paths& paths_;
};

}  // namespace pipeline::serve
