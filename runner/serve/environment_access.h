// Holds calls that are about one environment, {pipeline}/{environment} of their path, to what roles
// allow there.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runner/serve/access.h"
#include "runner/server/api/endpoint.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::serve {

class EnvironmentAccess {
 public:
  // The address of the repository that deploys there; empty: none that is known.
  using OwnerOf = std::function<base::Result<std::string>(const deploy::EnvironmentKey& key)>;

  // `access` outlives it.
  EnvironmentAccess(Access& access, OwnerOf owner_of)
      : access_(access), owner_of_(std::move(owner_of)) {}

  struct Environment {
    deploy::EnvironmentKey key;
    access::Place place;
  };
  // The environment of the path, when the caller may do that in it; none, and the call is answered,
  // otherwise.
  std::optional<Environment> find(const api::Call& call, api::Scope wanted) const;
  // Where it is, as roles are given.
  base::Result<access::Place> place_of(const deploy::EnvironmentKey& key) const;

 private:
  Access& access_;
  const OwnerOf owner_of_;
};

base::Error never_deployed_to(const deploy::EnvironmentKey& key);

}  // namespace pipeline::serve
