// Driver::status: the record and reality, side by side. Reads only.
#include <algorithm>

#include "pipelines/rollout/colour.h"
#include "stages/deploy/driver.h"
#include "stages/deploy/preflight.h"

namespace pipeline::deploy {

namespace {

using rollout::EnvironmentRecord;
using rollout::Release;

// What the deployment is doing, and whether anybody still does it.
void describe_deployment(const EnvironmentRecord& record, const std::optional<std::string>& holder,
                         const base::Clock& clock, EnvironmentStatus& status) {
  if (!record.deployment) return;
  status.state = to_string(record.deployment->state);
  status.reason = record.deployment->reason;
  status.since = record.deployment->since;
  status.by = record.deployment->by;
  if (rollout::is_unfinished(record) && record.deployment->state != rollout::State::frozen) {
    // On another machine it is driven through whoever keeps the journal.
    status.reason =
        holder
            ? "driven by " + (status.machine.empty() ? *holder : describe_machine(status.machine))
            : "interrupted; `pipeline deploy --resume " + status.key.environment +
                  "` brings it in order";
  }
  const auto due = rollout::cleaning_due(record);
  if (due && record.previous_is_warm) {
    status.reason = "release " + std::to_string(record.previous) +
                    (*due > clock.now() ? " is still warm; the next deployment or `--resume` "
                                        : " is due to end; the next deployment or `--resume` ") +
                    "ends it";
  }
}

std::vector<InstanceStatus> describe_instances(const EnvironmentRecord& record,
                                               const std::vector<ObservedInstance>& observed,
                                               const rollout::Reality& reality) {
  const auto reached = reachable(reality.traffic);
  std::vector<InstanceStatus> instances;
  for (const ObservedInstance& one : observed) {
    const bool known = record.find(one.spec.release) != nullptr;
    instances.push_back(
        {.name = one.spec.name,
         .release = one.spec.release,
         .address = one.spec.host + ":" + std::to_string(one.spec.port),
         .pid = one.pid,
         .healthy = known && reality.healthy.contains(one.spec.name),
         .in_traffic = std::ranges::find(reached, one.spec.name, &rollout::Endpoint::instance) !=
                       reached.end()});
  }
  return instances;
}

// What the journal says of a fleet that nobody here can look at.
std::vector<InstanceStatus> recorded_instances(const EnvironmentRecord& record,
                                               const Release& release) {
  const auto reached = reachable(record.traffic);
  std::vector<InstanceStatus> instances;
  for (const rollout::Instance& one : release.fleet) {
    instances.push_back(
        {.name = one.name,
         .release = one.release,
         .address = one.host + ":" + std::to_string(one.port),
         .in_traffic =
             std::ranges::find(reached, one.name, &rollout::Endpoint::instance) != reached.end(),
         .is_looked_at = false});
  }
  return instances;
}

}  // namespace

base::Result<EnvironmentStatus> Driver::status(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto entries, journal_.read(key));
  PIPELINE_ASSIGN(const EnvironmentRecord record, rollout::fold(entries));
  PIPELINE_TRY(refuse_unknown(key, record));
  PIPELINE_ASSIGN(const auto holder, journal_.holder(key));
  EnvironmentStatus status;
  status.key = key;
  status.release = record.current;
  status.previous = record.previous;
  status.bad = record.bad;
  const std::string machine = rollout::machine_of(record).value_or("");
  if (machine != machine_) status.machine = machine;
  describe_deployment(record, holder, clock_, status);
  const Release* current = record.find(record.current);
  if (current != nullptr) {
    status.digest = current->digest;
    status.artifact = current->artifact;
    status.address = current->environment.traffic.listen;
  }
  if (record.releases.empty()) return status;
  if (current != nullptr && current->machine != machine_) {
    status.instances = recorded_instances(record, *current);
    return status;
  }
  const Release& definition = current != nullptr ? *current : record.releases.back();
  if (definition.machine != machine_) return status;
  PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(key, definition.environment));
  StepRunner look(key, ports, record, waiter_, clock_, [](const std::string&) {});
  PIPELINE_ASSIGN(const rollout::Reality reality, look.look());
  PIPELINE_ASSIGN(const auto observed, ports.target->observe());
  status.instances = describe_instances(record, observed, reality);
  return status;
}

}  // namespace pipeline::deploy
