// Who calls a server, by the token that he shows: a person with his groups and roles as they are
// now, or a service.
//
// Threads: the server's.
#pragma once

#include <optional>
#include <string_view>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/group_store.h"
#include "runner/store/role_store.h"
#include "runner/store/token_store.h"

namespace pipeline::serve {

class Callers {
 public:
  // All outlive it.
  Callers(store::TokenStore& tokens, store::GroupStore& groups, store::RoleStore& roles,
          const base::Clock& clock)
      : tokens_(tokens), groups_(groups), roles_(roles), clock_(clock) {}

  // None when the token is nobody's, or not any more; or when the store does not answer.
  std::optional<api::Caller> find(std::string_view token) const;

 private:
  std::optional<api::Person> person(const std::string& user) const;

  store::TokenStore& tokens_;
  store::GroupStore& groups_;
  store::RoleStore& roles_;
  const base::Clock& clock_;
};

}  // namespace pipeline::serve
