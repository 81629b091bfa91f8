// How a server is in detail, for `pipeline doctor --server`: what it sees of its disk, database,
// certificate, agents, schedules and repositories, each with what to do about it.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runner/cli/finding.h"
#include "runner/serve/lookout.h"
#include "runner/serve/scheduler.h"
#include "runner/serve/telling.h"
#include "runner/server/agents/agent_roster.h"
#include "runner/server/api/endpoint.h"
#include "runner/settings/server_settings.h"
#include "runner/store/database_keeper.h"
#include "runner/store/paths.h"

namespace pipeline::serve {

class DoctorEndpoint {
 public:
  struct Watched {
    const base::Clock& clock;
    const store::Paths& paths;
    const settings::ServerSettings& settings;
    const store::DatabaseKeeper& database;
    const server::AgentRoster& agents;
    const Scheduler& scheduler;
    const Lookout& lookout;
    const Telling& telling;
  };
  // All outlive it.
  explicit DoctorEndpoint(Watched watched) : watched_(watched) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void answer(const api::Call& call) const;
  std::vector<cli::Finding> findings() const;

  const Watched watched_;
};

// Pure parts, one for each kind of thing.
std::vector<cli::Finding> look_at_agents(const server::AgentRoster& agents,
                                         const std::string& version, base::TimePoint now);
// One that waits is trouble only after a try that failed.
cli::Finding look_at_notices(const Courier::Snapshot& telling);
// `troubles`: sentences, each about something that does not work; `next`: what to do about any.
std::vector<cli::Finding> findings_of(const std::string& subject, const std::string& all_well,
                                      const std::vector<std::string>& troubles,
                                      const std::string& next);

}  // namespace pipeline::serve
