// What a token allows, and what an endpoint asks for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pipeline::api {

enum class Scope : std::uint8_t {
  read,     // runs, logs, artifacts, environments
  run,      // start, cancel, retry
  approve,  // decide on approvals
  deploy,   // deploy, roll back, set toggles
  agent,    // lease and report jobs
  admin,    // repositories, tokens, agents: everything
};

inline constexpr std::array kScopes = {Scope::read,   Scope::run,   Scope::approve,
                                       Scope::deploy, Scope::agent, Scope::admin};

constexpr std::string_view to_string(Scope scope) {
  constexpr std::array<std::string_view, kScopes.size()> kNames = {"read",   "run",   "approve",
                                                                   "deploy", "agent", "admin"};
  return kNames.at(static_cast<std::size_t>(scope));
}

constexpr std::optional<Scope> scope_of(std::string_view name) {
  for (const Scope scope : kScopes)
    if (to_string(scope) == name) return scope;
  return std::nullopt;
}

// Whether somebody who has `held` may do what asks for `wanted`: admin may do everything, and
// whoever changes something may see it. An agent sees only what it is given.
constexpr bool allows(Scope held, Scope wanted) {
  if (held == wanted || held == Scope::admin) return true;
  return wanted == Scope::read && held != Scope::agent;
}

}  // namespace pipeline::api
