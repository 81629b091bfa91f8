// Tokens, as the operator calls for them.
//
// Threads: the server's.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/token_store.h"
#include "runner/store/user_store.h"

namespace pipeline::serve {

class AdminEndpoints {
 public:
  // All outlive it.
  AdminEndpoints(store::TokenStore& tokens, store::UserStore& users, const base::Clock& clock)
      : tokens_(tokens), users_(users), clock_(clock) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void add_token(const api::Call& call);
  void list_tokens(const api::Call& call);
  void remove_token(const api::Call& call);
  void end_session(const api::Call& call);
  // A token of a user is nobody's of another name, and one of a service is called as no user is.
  base::Result<> check_owner(const store::TokenEntry& entry);

  store::TokenStore& tokens_;
  store::UserStore& users_;
  const base::Clock& clock_;
};

}  // namespace pipeline::serve
