#include "stages/deploy/preflight.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "pipelines/rollout/journal_json.h"

namespace pipeline::deploy {

using base::Error;
using base::ErrorKind;
using rollout::EnvironmentRecord;
using rollout::Fleet;
using rollout::Release;

base::Result<> refuse_unknown(const EnvironmentKey& key, const EnvironmentRecord& record) {
  if (record.last_release != 0) return {};
  return base::fail(Error(ErrorKind::invalid, "nothing was ever deployed to " + key.environment)
                        .hint("`pipeline status` lists the environments that there are"));
}

base::Result<> refuse_frozen(const EnvironmentKey& key, const EnvironmentRecord& record) {
  if (!record.deployment || record.deployment->state != rollout::State::frozen) return {};
  return base::fail(
      Error(ErrorKind::conflict, key.environment + " is frozen: " + record.deployment->reason)
          .hint("once the cause is gone, `pipeline deploy --resume " + key.environment +
                "` tries to go back again"));
}

std::string describe_machine(const std::string& machine) {
  return machine.empty() ? "the machine that keeps the journal" : "agent " + machine;
}

base::Result<> refuse_elsewhere(const EnvironmentKey& key, const EnvironmentRecord& record,
                                const std::string& machine) {
  const auto there = rollout::machine_of(record);
  if (!there || *there == machine) return {};
  const std::string stop = "`pipeline stop " + key.environment + "`";
  return base::fail(Error(ErrorKind::conflict, key.environment + " is on " +
                                                   describe_machine(*there) + ", not on " +
                                                   describe_machine(machine))
                        .hint("ask the server, which has it done there; to move it, " + stop +
                              " first, then deploy"));
}

base::Result<> refuse_release_elsewhere(const EnvironmentKey& key, const Release& release,
                                        const std::string& machine) {
  if (release.machine == machine) return {};
  return base::fail(Error(ErrorKind::conflict, "release " + std::to_string(release.number) +
                                                   " of " + key.environment + " was on " +
                                                   describe_machine(release.machine) + ", not on " +
                                                   describe_machine(machine))
                        .hint("deploy its artifact anew"));
}

base::Result<> refuse_strangers(const EnvironmentKey& key, const EnvironmentRecord& record,
                                Target& target) {
  PIPELINE_ASSIGN(const auto observed, target.observe());
  std::vector<std::string> names;
  std::string supervisors;
  for (const ObservedInstance& one : observed) {
    if (!one.running || record.find(one.spec.release) != nullptr) continue;
    names.push_back(one.spec.name);
    supervisors += " " + std::to_string(one.supervisor);
  }
  if (names.empty()) return {};
  return base::fail(
      Error(ErrorKind::conflict, key.environment + " has running instances that its journal does " +
                                     "not know: " + base::join(names, ", ") +
                                     "; the journal (pipeline.db) was lost or replaced")
          .hint("put the journal back from a copy; or, to begin anew, end them and the service "
                "with them: kill" +
                supervisors));
}

base::Result<> check_request(const EnvironmentRecord& record, const DeploymentRequest& request) {
  const bool foreign = !record.repository.empty() && record.repository != request.repository;
  if (foreign && !request.force) {
    return base::fail(
        Error(ErrorKind::invalid, request.key.environment + " of pipeline " + request.key.pipeline +
                                      " belongs to " + record.repository +
                                      ", and this deployment is from " + request.repository)
            .hint("give one of the two pipelines another name, or say --force to take the "
                  "environment over"));
  }
  const bool bad = std::ranges::find(record.bad, request.digest) != record.bad.end();
  if (bad && !request.force) {
    return base::fail(
        Error(ErrorKind::invalid, request.artifact + " " + request.digest.short_hex() +
                                      " was rolled back in " + request.key.environment + " before")
            .hint("deploy a new build, or say --force"));
  }
  const Release* current = record.find(record.current);
  if (current == nullptr) return {};
  const model::SwitchSpec& now = current->environment.traffic;
  const model::SwitchSpec& wanted = request.environment.traffic;
  if (now.listen == wanted.listen && now.preview == wanted.preview) return {};
  return base::fail(
      Error(ErrorKind::invalid, "the switch of " + request.key.environment + " serves on " +
                                    now.listen + " (preview " + now.preview +
                                    ") and cannot move while it serves")
          .hint("keep the addresses, or `pipeline stop " + request.key.environment + "` first"));
}

base::Result<> check_promotion(const std::string& from, const EnvironmentRecord& record,
                               const DeploymentRequest& request) {
  if (std::ranges::find(record.passed, request.digest) != record.passed.end()) return {};
  return base::fail(Error(ErrorKind::invalid, request.artifact + " " + request.digest.short_hex() +
                                                  " did not pass the gates of " + from)
                        .hint("deploy it to " + from + " first"));
}

base::Result<bool> serves_already(const EnvironmentRecord& record, const DeploymentRequest& request,
                                  EnvironmentPorts& ports) {
  const Release* current = record.find(record.current);
  if (request.force || current == nullptr || current->digest != request.digest ||
      current->tree != request.tree ||
      !rollout::same_definition(current->environment, request.environment)) {
    return false;
  }
  PIPELINE_ASSIGN(const bool switch_runs, ports.traffic->running());
  if (!switch_runs) return false;
  PIPELINE_ASSIGN(const auto observed, ports.target->observe());
  return std::ranges::all_of(current->fleet, [&](const rollout::Instance& instance) {
    return std::ranges::any_of(observed, [&](const ObservedInstance& one) {
      return one.running && one.spec.name == instance.name;
    });
  });
}

base::Result<Fleet> new_fleet(const EnvironmentRecord& record, const Release& release,
                              Target& target) {
  // A current instance that is down does not hold its port, but shall have it back.
  std::vector<std::uint16_t> kept;
  for (const rollout::Instance& one : record.fleet_of(record.current)) kept.push_back(one.port);
  const model::Environment& environment = release.environment;
  PIPELINE_ASSIGN(const auto ports,
                  target.free_ports(environment.ports, environment.instances, kept));
  return rollout::make_fleet(release.number, ports);
}

base::Result<Release> release_to_return_to(const EnvironmentKey& key,
                                           const EnvironmentRecord& record,
                                           std::optional<std::uint64_t> wanted) {
  const std::uint64_t number = wanted.value_or(record.previous);
  if (const Release* found = record.find(number)) return *found;
  std::vector<std::string> kept;
  for (const Release& release : record.releases) kept.push_back(std::to_string(release.number));
  const std::string cause =
      wanted ? "release " + std::to_string(number) + " of " + key.environment + " is not kept"
             : key.environment + " has no release before the current one";
  return base::fail(
      Error(ErrorKind::invalid, cause).hint("releases that are kept: " + base::join(kept, ", ")));
}

}  // namespace pipeline::deploy
