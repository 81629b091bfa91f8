// Repositories and tokens, as the operator calls for them, and what anybody may ask: whether the
// server is well.
//
// Threads: the server's.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"
#include "runner/store/token_store.h"

namespace pipeline::serve {

class AdminEndpoints {
 public:
  // All outlive it.
  AdminEndpoints(store::RepositoryStore& repositories, store::TokenStore& tokens,
                 const store::Paths& paths, const base::Clock& clock)
      : repositories_(repositories), tokens_(tokens), paths_(paths), clock_(clock) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void add_repository(const api::Call& call);
  void list_repositories(const api::Call& call);
  void remove_repository(const api::Call& call);
  void add_token(const api::Call& call);
  void list_tokens(const api::Call& call);
  void remove_token(const api::Call& call);

  store::RepositoryStore& repositories_;
  store::TokenStore& tokens_;
  const store::Paths& paths_;
  const base::Clock& clock_;
};

}  // namespace pipeline::serve
