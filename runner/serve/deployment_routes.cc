#include "runner/serve/deployment_routes.h"

#include "pipelines/rollout/journal_entry.h"

namespace pipeline::serve {

using base::Result;

Result<rollout::EnvironmentRecord> record_of(deploy::Journal& journal,
                                             const deploy::EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto entries, journal.read(key));
  return rollout::fold(entries);
}

Result<bool> route_deployment(deploy::Journal& journal, protocol::JobOrder& order) {
  auto& work = std::get<protocol::DeployOrder>(order.work);
  if (work.environment.agent.labels.empty()) return false;
  PIPELINE_ASSIGN(const auto record, record_of(journal, {order.pipeline, work.environment.name}));
  const auto there = rollout::machine_of(record);
  // One that serves on the server's machine is refused by the driver, which says what to do.
  if (there && !there->empty()) work.machine = *there;
  work.repository = order.repository;
  return true;
}

}  // namespace pipeline::serve
