// Environments that the server defines for repositories, as operators call for them.
//
// Whoever may administer a repository sets them; whoever sees it sees them.
// Threads: the server's.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "runner/serve/access.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/environment_store.h"

namespace pipeline::serve {

class EnvironmentEndpoints {
 public:
  // All outlive it.
  struct Parts {
    store::EnvironmentStore& environments;
    store::RepositoryStore& repositories;
    Access& access;
    const base::Clock& clock;
  };

  explicit EnvironmentEndpoints(Parts parts) : parts_(parts) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void set(const api::Call& call);
  void list(const api::Call& call);
  void show(const api::Call& call);
  void remove(const api::Call& call);
  // That there is the repository of the path, and the caller may do that in it.
  base::Result<> expect(const api::Call& call, api::Scope wanted);

  const Parts parts_;
};

}  // namespace pipeline::serve
