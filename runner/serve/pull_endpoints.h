// Pull requests from forks that wait for the word of somebody who may approve: nothing of them has
// run. A word is for one commit; what is pushed after it waits again.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runner/serve/access.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

class PullEndpoints {
 public:
  // What they refer to outlives it. `look_soon`: runs of the repository may begin.
  PullEndpoints(store::PullRequestStore& pulls, store::RepositoryStore& repositories,
                Access& access, std::function<void(const std::string& repository)> look_soon)
      : pulls_(pulls),
        repositories_(repositories),
        access_(access),
        look_soon_(std::move(look_soon)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void list(const api::Call& call);
  void decide(const api::Call& call, store::PullRequestStore::Word word);

  store::PullRequestStore& pulls_;
  store::RepositoryStore& repositories_;
  Access& access_;
  const std::function<void(const std::string&)> look_soon_;
};

}  // namespace pipeline::serve
