// Roles of people, and what each of them is enough for. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pipeline::access {

// Each may do what those before it may.
enum class Role : std::uint8_t {
  viewer,    // see runs, logs, artifacts, environments
  runner,    // start, cancel and retry runs, and push
  approver,  // decide on what waits for people
  deployer,  // deploy, roll back, stop an environment
  admin,     // everything else
};

// What somebody wants to do; in the order of the roles that each takes at least.
enum class Permission : std::uint8_t { see, run, approve, deploy, administer };

inline constexpr std::array kRoles = {Role::viewer, Role::runner, Role::approver, Role::deployer,
                                      Role::admin};
inline constexpr std::array kPermissions = {Permission::see, Permission::run, Permission::approve,
                                            Permission::deploy, Permission::administer};

constexpr std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, kRoles.size()> kNames = {"viewer", "runner", "approver",
                                                                  "deployer", "admin"};
  return kNames.at(static_cast<std::size_t>(role));
}

constexpr std::optional<Role> role_of(std::string_view name) {
  for (const Role role : kRoles)
    if (to_string(role) == name) return role;
  return std::nullopt;
}

constexpr Role least_role_for(Permission permission) {
  return kRoles.at(static_cast<std::size_t>(permission));
}

}  // namespace pipeline::access
