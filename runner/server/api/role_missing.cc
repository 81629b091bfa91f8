#include "runner/server/api/role_missing.h"

#include "pipelines/base/text.h"

namespace pipeline::api {

namespace {

std::string where(const access::Place& place) {
  std::string text = place.repository == access::kEverywhere ? "on all repositories"
                     : place.repository.empty()              ? "on what is no repository's any more"
                                                             : "on " + place.repository;
  if (!place.environment.empty()) text += ", environment " + place.environment;
  return text;
}

}  // namespace

base::Error role_missing(const Caller& caller, Scope wanted, const access::Place& place) {
  const std::string role(to_string(access::least_role_for(permission_for(wanted))));
  const std::string repository =
      place.repository.empty() ? access::kEverywhere : base::printable(place.repository);
  std::string command = "pipeline role grant " + caller.name + " " + role + " --repo ";
  command += repository == access::kEverywhere ? "'*'" : repository;
  const bool is_for_one = wanted == Scope::approve || wanted == Scope::deploy;
  if (is_for_one && !place.environment.empty())
    command += " --env " + base::printable(place.environment);
  return base::Error(base::ErrorKind::permission, caller.name + " has not the role " + role + " " +
                                                      base::printable(where(place)))
      .hint("an admin gives it: " + command);
}

}  // namespace pipeline::api
