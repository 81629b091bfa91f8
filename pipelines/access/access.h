// Who may do what where: the one decision that every call of a person on a server is held by. Pure.
//
// Grants only add: nothing that somebody is given takes anything away from him, and what nobody
// gave is denied.
#pragma once

#include <span>
#include <string>

#include "pipelines/access/role.h"
#include "pipelines/base/result.h"

namespace pipeline::access {

// In place of a repository's name: all of them, also those to come, and the server itself.
inline constexpr const char* kEverywhere = "*";

// A role that a person, or a group that he is in, has been given.
struct Grant {
  Role role = Role::viewer;
  std::string repository;     // by its name, or kEverywhere
  std::string environment{};  // empty: the repository with all of its environments
  bool operator==(const Grant&) const = default;
};

// What is to be done something to. A repository that has no name here, one that was forgotten, is
// the empty one: only kEverywhere covers it.
struct Place {
  std::string repository;
  std::string environment{};  // empty: not only one of them
};

// A grant that holds in one environment says who approves or deploys there: ErrorKind::invalid for
// another role.
base::Result<> check(const Grant& grant);

// Whether the grants are enough. Whoever has any role in a repository, be it for one environment,
// sees all of it.
bool allows(std::span<const Grant> grants, Permission permission, const Place& place);

}  // namespace pipeline::access
