// Environments, as people call for them: look, deploy, roll back, resume, stop.
//
// Whatever changes one answers with messages (server-sent events) as it comes along: its number,
// each step, and at last its result, or a problem. When the peer leaves it goes on.
// Threads: the server's; deployers are opened and used on others.
#pragma once

#include <vector>

#include "agents/worker/thread_pool.h"
#include "runner/serve/access.h"
#include "runner/serve/environment_access.h"
#include "runner/serve/served_deployments.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

class DeploymentEndpoints {
 public:
  // What they refer to outlives it.
  struct Parts {
    ServedDeployments& deployments;
    ServedDeployments::MakeServices make_services;
    store::RepositoryStore& repositories;  // of the server's thread
    Access& access;
    const EnvironmentAccess& environments;
    const store::Paths& paths;
    worker::ThreadPool& pool;
  };

  explicit DeploymentEndpoints(Parts parts) : parts_(std::move(parts)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void list(const api::Call& call);
  void show(const api::Call& call);
  void deploy(const api::Call& call);
  void roll_back(const api::Call& call);
  void resume(const api::Call& call);
  void stop(const api::Call& call);
  void turn_back(const api::Call& call);

  const Parts parts_;
};

}  // namespace pipeline::serve
