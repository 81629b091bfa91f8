// Whether somebody's push may move a ref of a hosted repository: what its protections say.
//
// Threads: safe from any.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runner/serve/branch_rules.h"
#include "runner/serve/waiting_pushes.h"
#include "runner/server/git/git_endpoints.h"
#include "runner/store/paths.h"
#include "runner/store/protection_store.h"

namespace pipeline::serve {

class BranchGuard {
 public:
  struct Parts {
    std::function<base::Result<std::unique_ptr<store::ProtectionStore>>()> open;
    WaitingPushes& waiting;
    const store::Paths& paths;
    std::function<std::string()> server;  // where people call it
  };

  // What the parts refer to outlives it.
  explicit BranchGuard(Parts parts) : parts_(std::move(parts)) {}

  // Not on a thread that runs wait for: those that decide have begun when it says so.
  server::RefAnswer answer(const server::RefPush& push);

 private:
  server::RefAnswer answer_for(const server::RefPush& push, const std::string& branch,
                               const BranchRules& rules);
  server::RefAnswer wait(const server::RefPush& push, const std::string& branch);

  const Parts parts_;
};

}  // namespace pipeline::serve
