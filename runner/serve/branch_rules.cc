#include "runner/serve/branch_rules.h"

#include <algorithm>

#include "pipelines/base/glob.h"

namespace pipeline::serve {

std::optional<BranchRules> rules_for(const std::string& branch,
                                     const std::vector<store::Protection>& protections) {
  std::optional<BranchRules> rules;
  for (const store::Protection& one : protections) {
    const auto pattern = base::Glob::compile(one.branches);
    // One that cannot be read, which nobody could have set, leaves nothing unprotected.
    if (pattern && !pattern->matches(branch)) continue;
    if (!rules) rules = BranchRules{.allows_force = true};
    rules->waits_for_pipeline = rules->waits_for_pipeline || one.waits_for_pipeline;
    rules->allows_force = rules->allows_force && one.allows_force;
    rules->role = std::max(rules->role, one.role);
  }
  return rules;
}

api::Scope scope_to_push(access::Role role) {
  switch (role) {
    case access::Role::viewer:
    case access::Role::runner:
      break;
    case access::Role::approver:
      return api::Scope::approve;
    case access::Role::deployer:
      return api::Scope::deploy;
    case access::Role::admin:
      return api::Scope::admin;
  }
  return api::Scope::run;
}

}  // namespace pipeline::serve
