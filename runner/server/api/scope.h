// What a token allows, and what an endpoint asks for. What a person may is no more than that, and
// no more than his roles allow.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pipelines/access/role.h"

namespace pipeline::api {

enum class Scope : std::uint8_t {
  read,     // runs, logs, artifacts, environments
  run,      // start, cancel, retry
  approve,  // decide on approvals
  deploy,   // deploy, roll back, set toggles
  agent,    // lease and report jobs
  admin,    // repositories, tokens, agents: everything
  flags,    // evaluate feature toggles, as an application does, and nothing else
};

inline constexpr std::array kScopes = {Scope::read,  Scope::run,   Scope::approve, Scope::deploy,
                                       Scope::agent, Scope::admin, Scope::flags};

constexpr std::string_view to_string(Scope scope) {
  constexpr std::array<std::string_view, kScopes.size()> kNames = {
      "read", "run", "approve", "deploy", "agent", "admin", "flags"};
  return kNames.at(static_cast<std::size_t>(scope));
}

constexpr std::optional<Scope> scope_of(std::string_view name) {
  for (const Scope scope : kScopes)
    if (to_string(scope) == name) return scope;
  return std::nullopt;
}

// Whether somebody who has `held` may do what asks for `wanted`: admin may do everything, and
// whoever changes something may see it. Agents and applications see only what they are given.
constexpr bool allows(Scope held, Scope wanted) {
  if (held == wanted || held == Scope::admin) return true;
  const bool may_see = held != Scope::agent && held != Scope::flags;
  return may_see && (wanted == Scope::read || wanted == Scope::flags);
}

// What of a person's roles the scope asks for. Agents are no people.
constexpr access::Permission permission_for(Scope wanted) {
  switch (wanted) {
    case Scope::read:
    case Scope::flags:
      return access::Permission::see;
    case Scope::run:
      return access::Permission::run;
    case Scope::approve:
      return access::Permission::approve;
    case Scope::deploy:
      return access::Permission::deploy;
    case Scope::agent:
    case Scope::admin:
      break;
  }
  return access::Permission::administer;
}

}  // namespace pipeline::api
