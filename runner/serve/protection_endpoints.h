// Protected branches of hosted repositories, as operators call for them.
//
// Whoever may administer a repository protects its branches; whoever sees it sees how.
// Threads: the server's.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "runner/serve/access.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/protection_store.h"

namespace pipeline::serve {

class ProtectionEndpoints {
 public:
  // All outlive it.
  ProtectionEndpoints(store::ProtectionStore& protections, store::RepositoryStore& repositories,
                      Access& access)
      : protections_(protections), repositories_(repositories), access_(access) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void protect(const api::Call& call);
  void list(const api::Call& call);
  void unprotect(const api::Call& call);
  // That there is the repository of the path, hosted here, and the caller may do that in it.
  base::Result<> expect(const api::Call& call, api::Scope wanted);

  store::ProtectionStore& protections_;
  store::RepositoryStore& repositories_;
  Access& access_;
};

// As listings of repositories show them.
boost::json::array json_of(const std::vector<store::Protection>& protections);

}  // namespace pipeline::serve
