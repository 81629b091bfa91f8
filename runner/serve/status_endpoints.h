// How pipelines are, for those that show it: the CCTray feed and badges. For everybody where the
// repository's status is public, else for tokens that may read.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/notify/pipeline_status.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"
#include "runner/store/run_store.h"

namespace pipeline::serve {

class StatusEndpoints {
 public:
  // What they refer to outlives it; the stores are the server's thread's own.
  struct Parts {
    store::RunStore& runs;
    store::RepositoryStore& repositories;
    const store::Paths& paths;
    std::function<std::string()> server;  // where people find it; empty: not known
  };

  explicit StatusEndpoints(Parts parts) : parts_(std::move(parts)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void feed(const api::Call& call);
  void badge(const api::Call& call);
  // Of each pipeline of the repository that has runs on the branch; no branch: on its usual one.
  base::Result<std::vector<notify::PipelineStatus>> statuses_of(
      const store::RepositoryEntry& repository, const std::optional<std::string>& branch,
      const std::optional<std::string>& pipeline = std::nullopt);

  const Parts parts_;
};

}  // namespace pipeline::serve
