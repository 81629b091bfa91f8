// Holds calls of people to what their roles allow. What the server keeps as addresses, runs and
// environments is looked up by the name of its repository, which roles are given by.
//
// Whoever may not see something is told that there is no such thing.
// Threads: the server's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "runner/server/api/router.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"
#include "runner/store/run_store.h"

namespace pipeline::serve {

// The repositories that are known, by address. A copy: may be taken to another thread.
class RepositoryNames {
 public:
  RepositoryNames() = default;
  explicit RepositoryNames(std::map<std::string, std::string> by_address)
      : by_address_(std::move(by_address)) {}

  // Empty: it is none of them.
  std::string at(const std::string& address) const;
  const std::map<std::string, std::string>& by_address() const { return by_address_; }

 private:
  std::map<std::string, std::string> by_address_;
};

class Access {
 public:
  // All outlive it.
  Access(store::RepositoryStore& repositories, store::RunStore& runs, const store::Paths& paths)
      : repositories_(repositories), runs_(runs), paths_(paths) {}

  // As the router asks: whether a person may do what he calls for to a run or an artifact.
  base::Result<> allow(const api::Asked& asked);

  // ErrorKind::not_found for a repository that the caller may not see, ErrorKind::permission for
  // one where he may not do that.
  base::Result<> expect(const api::Caller& caller, api::Scope wanted,
                        const access::Place& place) const;
  // The same for a run, whose repository it gives the name of.
  base::Result<std::string> expect_run(const api::Caller& caller, api::Scope wanted,
                                       run::RunId run);

  // Whether he may have the artifact: that run, which he sees, made it.
  base::Result<> expect_artifact(const api::Caller& caller, std::string_view digest,
                                 std::optional<run::RunId> made_by);

  base::Result<RepositoryNames> names();
  // Addresses of the repositories that he sees; none: everything that there is.
  base::Result<std::optional<std::vector<std::string>>> seen_by(const api::Caller& caller);

 private:
  store::RepositoryStore& repositories_;
  store::RunStore& runs_;
  const store::Paths& paths_;
};

}  // namespace pipeline::serve
