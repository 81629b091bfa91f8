// `pipeline serve`: a server of one state directory, from its start to its stop.
//
// What is put together here, and in which order it comes and goes:
//   the directory is locked → the first token is made → runs of an earlier server are taken up →
//   agents and people are heard → SIGTERM: no new leases, answers under way end → runs are left for
//   the next server → the lock goes
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agents/link/remote/agent_desk.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/cli/services.h"
#include "runner/serve/telling.h"
#include "runner/server/agents/agent_endpoints.h"
#include "runner/server/http/wire/server.h"
#include "runner/settings/server_settings.h"
#include "runner/store/audit_store.h"
#include "runner/store/delivery_store.h"
#include "runner/store/environment_store.h"
#include "runner/store/firing_store.h"
#include "runner/store/group_store.h"
#include "runner/store/protection_store.h"
#include "runner/store/pull_request_store.h"
#include "runner/store/repository_store.h"
#include "runner/store/role_store.h"
#include "runner/store/success_store.h"
#include "runner/store/token_store.h"
#include "runner/store/user_store.h"
#include "stages/host/service_manager.h"

namespace pipeline::serve {

struct ServeSettings {
  store::Paths paths;
  settings::ServerSettings server{};
  // What they are now, when SIGHUP asks to have them read again.
  std::function<base::Result<settings::ServerSettings>()> reread{};
};

// Who may use a server; of its thread.
struct PeopleStores {
  store::UserStore& users;
  store::GroupStore& groups;
  store::RoleStore& roles;
};

struct ServeTools {
  const base::Clock& clock;
  store::TokenStore& tokens;              // of the server's thread
  store::RepositoryStore& repositories;   // of the server's thread
  store::EnvironmentStore& environments;  // of the server's thread
  store::ProtectionStore& protections;    // of the server's thread
  // Another, for whichever thread calls.
  std::function<base::Result<std::unique_ptr<store::ProtectionStore>>()> open_protections;
  store::DeliveryStore& deliveries;        // of the server's thread
  store::PullRequestStore& pull_requests;  // of the server's thread
  // Another, for whichever thread calls.
  std::function<base::Result<std::unique_ptr<store::PullRequestStore>>()> open_pull_requests;
  cli::Services& services;  // of the server's thread
  store::AuditStore& audit;
  TellingStores telling;
  PeopleStores people;
  store::FiringStore& firings;                     // of the scheduler's thread
  store::RepositoryStore& scheduler_repositories;  // likewise, on the same storage
  store::SuccessStore& successes;                  // of the thread that looks for successors
  // For each run's thread: services whose jobs run on agents of the desk.
  std::function<std::unique_ptr<cli::Services>(link::AgentDesk& desk)> make_services;
  host::ServiceManager& manager;
  // What an operator should know; from any thread.
  std::function<void(const std::string& line)> tell;
};

// Returns after SIGTERM or SIGINT; also after SIGHUP, when a terminal is what it comes from.
base::Result<> serve(const ServeSettings& settings, const ServeTools& tools);

}  // namespace pipeline::serve
