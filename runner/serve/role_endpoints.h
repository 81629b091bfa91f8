// Roles of people and groups, as the operator calls for them.
//
// Threads: the server's.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/repository_store.h"
#include "runner/store/role_store.h"

namespace pipeline::serve {

class RoleEndpoints {
 public:
  // All outlive it.
  RoleEndpoints(store::RoleStore& roles, store::RepositoryStore& repositories,
                const base::Clock& clock)
      : roles_(roles), repositories_(repositories), clock_(clock) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void grant(const api::Call& call);
  void list(const api::Call& call);
  void revoke(const api::Call& call);

  store::RoleStore& roles_;
  store::RepositoryStore& repositories_;
  const base::Clock& clock_;
};

}  // namespace pipeline::serve
