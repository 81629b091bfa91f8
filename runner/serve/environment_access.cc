#include "runner/serve/environment_access.h"

#include "runner/cli/environments.h"
#include "runner/server/api/json_call.h"
#include "runner/server/api/role_missing.h"

namespace pipeline::serve {

using base::Result;
using deploy::EnvironmentKey;

base::Error never_deployed_to(const EnvironmentKey& key) {
  return {base::ErrorKind::not_found, "nothing was ever deployed to " + cli::to_string(key)};
}

Result<access::Place> EnvironmentAccess::place_of(const EnvironmentKey& key) const {
  PIPELINE_ASSIGN(const std::string owner, owner_of_(key));
  PIPELINE_ASSIGN(const RepositoryNames names, access_.names());
  return access::Place{names.at(owner), key.environment};
}

std::optional<EnvironmentAccess::Environment> EnvironmentAccess::find(const api::Call& call,
                                                                      api::Scope wanted) const {
  EnvironmentKey key{call.part("pipeline"), call.part("environment")};
  auto place = place_of(key);
  if (!place) {
    api::answer_problem(call, place.error());
    return std::nullopt;
  }
  if (call.caller.may(wanted, *place)) return Environment{std::move(key), *std::move(place)};
  api::answer_problem(call, call.caller.may(api::Scope::read, *place)
                                ? api::role_missing(call.caller, wanted, *place)
                                : never_deployed_to(key));
  return std::nullopt;
}

}  // namespace pipeline::serve
