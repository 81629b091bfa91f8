#include "pipelines/access/access.h"

#include <algorithm>

namespace pipeline::access {

namespace {

bool covers_repository(const Grant& grant, const Place& place) {
  return grant.repository == kEverywhere ||
         (!place.repository.empty() && grant.repository == place.repository);
}

bool covers(const Grant& grant, const Place& place) {
  return covers_repository(grant, place) &&
         (grant.environment.empty() || grant.environment == place.environment);
}

}  // namespace

base::Result<> check(const Grant& grant) {
  const bool is_for_environments = grant.role == Role::approver || grant.role == Role::deployer;
  if (grant.environment.empty() || is_for_environments) return {};
  return base::fail(base::Error(base::ErrorKind::invalid, "the role " +
                                                              std::string(to_string(grant.role)) +
                                                              " is not one of an environment")
                        .hint("in one environment somebody is approver or deployer"));
}

bool allows(std::span<const Grant> grants, Permission permission, const Place& place) {
  const Role least = least_role_for(permission);
  return std::ranges::any_of(grants, [&](const Grant& grant) {
    if (permission == Permission::see) return covers_repository(grant, place);
    return grant.role >= least && covers(grant, place);
  });
}

}  // namespace pipeline::access
