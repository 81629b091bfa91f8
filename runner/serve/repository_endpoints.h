// The repositories that a server knows, as the operator calls for them: which are hosted, which are
// elsewhere, and how the server learns of what happens there.
//
// Threads: the server's.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "runner/serve/lookout.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/delivery_store.h"
#include "runner/store/environment_store.h"
#include "runner/store/paths.h"
#include "runner/store/protection_store.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/repository_store.h"
#include "runner/store/role_store.h"
#include "runner/store/secret_vault.h"

namespace pipeline::serve {

class RepositoryEndpoints {
 public:
  // What they refer to outlives it.
  struct Parts {
    store::RepositoryStore& repositories;
    store::SecretVault& secrets;
    store::DeliveryStore& deliveries;
    store::PullRequestStore& pull_requests;
    Lookout& lookout;
    // Called when one is known, or forgotten.
    std::function<void(const std::string& repository)> on_change;
    store::RoleStore& roles;
    store::EnvironmentStore& environments;
    store::ProtectionStore& protections;
    const store::Paths& paths;
    const base::Clock& clock;
  };

  explicit RepositoryEndpoints(Parts parts) : parts_(std::move(parts)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void add(const api::Call& call);
  void change(const api::Call& call);
  void list(const api::Call& call);
  void remove(const api::Call& call);

  // The secret of its webhook; none: it has no forge.
  base::Result<std::optional<std::string>> keep(const store::RepositoryEntry& entry);
  // As it is shown, with what is kept elsewhere of it.
  boost::json::object shown(const store::RepositoryEntry& entry) const;
  base::Result<store::RepositoryEntry> changed(const api::Call& call,
                                               const boost::json::object& wish);
  // All that is left of one of that name, but for a hosted repository itself.
  base::Result<> forget(const std::string& name);

  const Parts parts_;
};

}  // namespace pipeline::serve
