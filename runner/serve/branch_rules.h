// What protections of a repository mean for a branch of it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/server/api/scope.h"
#include "runner/store/protection_store.h"

namespace pipeline::serve {

struct BranchRules {
  bool waits_for_pipeline = false;
  bool allows_force = false;
  access::Role role = access::Role::runner;
  bool operator==(const BranchRules&) const = default;
};

// The strictest of all that fit; none: it is not protected.
std::optional<BranchRules> rules_for(const std::string& branch,
                                     const std::vector<store::Protection>& protections);

// What a token has to be for, to push where that role is asked for.
api::Scope scope_to_push(access::Role role);

}  // namespace pipeline::serve
