// `pipeline serve`: a server of one state directory, from its start to its stop.
//
// What is put together here, and in which order it comes and goes:
//   the directory is locked → the first token is made → runs of an earlier server are taken up →
//   agents and people are heard → SIGTERM: no new leases, answers under way end → runs are left for
//   the next server → the lock goes
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agents/link/remote/agent_desk.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/cli/services.h"
#include "runner/server/agents/agent_endpoints.h"
#include "runner/store/repository_store.h"
#include "runner/store/token_store.h"
#include "stages/host/listener.h"

namespace pipeline::serve {

struct ServeSettings {
  store::Paths paths;
  host::Address listen;
  server::AgentTimes times{};
};

struct ServeTools {
  const base::Clock& clock;
  store::TokenStore& tokens;             // of the server's thread
  store::RepositoryStore& repositories;  // of the server's thread
  cli::Services& services;               // of the server's thread
  // For each run's thread: services whose jobs run on agents of the desk.
  std::function<std::unique_ptr<cli::Services>(link::AgentDesk& desk)> make_services;
  // What an operator should know; from any thread.
  std::function<void(const std::string& line)> tell;
};

// Returns after SIGTERM or SIGINT.
base::Result<> serve(const ServeSettings& settings, const ServeTools& tools);

}  // namespace pipeline::serve
