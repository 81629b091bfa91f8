// The people whom a server knows, and their groups, as the operator calls for them; and who
// somebody is, as he asks himself.
//
// Threads: the server's.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/group_store.h"
#include "runner/store/token_store.h"
#include "runner/store/user_store.h"

namespace pipeline::serve {

class PeopleEndpoints {
 public:
  // All outlive it. `issuer`: of the identity provider that people log in through; empty: none.
  PeopleEndpoints(store::UserStore& users, store::GroupStore& groups, store::TokenStore& tokens,
                  const base::Clock& clock, std::string issuer)
      : users_(users),
        groups_(groups),
        tokens_(tokens),
        clock_(clock),
        issuer_(std::move(issuer)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void show_caller(const api::Call& call);
  void add_user(const api::Call& call);
  void list_users(const api::Call& call);
  void remove_user(const api::Call& call);
  void add_group(const api::Call& call);
  void list_groups(const api::Call& call);
  void remove_group(const api::Call& call);
  void add_member(const api::Call& call);
  void remove_member(const api::Call& call);

  base::Result<store::UserEntry> user_in(const api::Call& call);

  store::UserStore& users_;
  store::GroupStore& groups_;
  store::TokenStore& tokens_;
  const base::Clock& clock_;
  const std::string issuer_;
};

}  // namespace pipeline::serve
