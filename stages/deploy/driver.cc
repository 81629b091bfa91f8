#include "stages/deploy/driver.h"

#include <algorithm>

#include "pipelines/rollout/colour.h"
#include "pipelines/rollout/journal_json.h"
#include "pipelines/rollout/strategy.h"
#include "stages/deploy/preflight.h"

namespace pipeline::deploy {

using rollout::DeploymentKind;
using rollout::Fleets;
using rollout::Release;

base::Result<Session> Driver::hold(const EnvironmentKey& key, const Observer& observer,
                                   const std::stop_token& stop) {
  PIPELINE_ASSIGN(Session session, Session::open(key, journal_, waiter_, clock_, observer, stop));
  PIPELINE_TRY(refuse_elsewhere(key, session.record(), machine_));
  return session;
}

base::Result<std::optional<DeploymentResult>> Driver::pick_up(Session& session,
                                                              const std::stop_token& stop) {
  const rollout::EnvironmentRecord& record = session.record();
  if (!rollout::is_unfinished(record)) return std::nullopt;
  const Release* release = record.find(record.deployment->release);
  if (release == nullptr) {
    // The way back has already deleted its files, and was killed before it could say so.
    release = record.find(record.current);
  }
  if (release == nullptr) {
    PIPELINE_TRY(session.write(rollout::Entered{.state = rollout::State::rolled_back}));
    return gone_back(Verdict::rolled_back, record);
  }
  PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(session.key(), release->environment));
  Journey journey(session, ports, waiter_, clock_);
  PIPELINE_ASSIGN(DeploymentResult result, journey.pick_up(stop));
  return result;
}

base::Result<> Driver::clean(Session& session) {
  const rollout::EnvironmentRecord& record = session.record();
  const Release* current = record.find(record.current);
  if (!rollout::cleaning_due(record) || current == nullptr) return {};
  PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(session.key(), current->environment));
  Journey journey(session, ports, waiter_, clock_);
  return journey.clean();
}

base::Result<DeploymentResult> Driver::repair(Session& session, const std::stop_token& stop) {
  const rollout::EnvironmentRecord& record = session.record();
  const Release* current = record.find(record.current);
  bool repaired = false;
  if (current != nullptr && record.deployment) {
    PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(session.key(), current->environment));
    Journey journey(session, ports, waiter_, clock_);
    PIPELINE_ASSIGN(repaired, journey.repair(stop));
  }
  return DeploymentResult{.verdict = repaired ? Verdict::restored : Verdict::unchanged,
                          .release = record.current,
                          .reason = {}};
}

base::Result<DeploymentResult> Driver::deploy(const DeploymentRequest& request,
                                              const Observer& observer, std::stop_token stop) {
  PIPELINE_ASSIGN(Session session, hold(request.key, observer, stop));
  session.report("locked", "");
  if (session.record().deployment) PIPELINE_TRY(refuse_frozen(session.key(), session.record()));
  PIPELINE_ASSIGN(const auto left, pick_up(session, stop));
  if (left && left->verdict == Verdict::frozen) return *left;
  session.report("preflight", "");
  PIPELINE_TRY(preflight(session, request));
  PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(request.key, request.environment));
  PIPELINE_TRY(refuse_strangers(request.key, session.record(), *ports.target));
  PIPELINE_ASSIGN(const bool serves, serves_already(session.record(), request, ports));
  if (serves) {
    return DeploymentResult{.verdict = Verdict::unchanged,
                            .release = session.record().current,
                            .reason = "this release serves already"};
  }
  PIPELINE_TRY(ports.traffic->check_can_run());
  PIPELINE_TRY(ports.target->verify(request.digest));
  // Two fleets fit into the ports of an environment, not three: the warm one makes room.
  PIPELINE_TRY(clean(session));
  PIPELINE_ASSIGN(Release release, new_release(session, request, ports));
  return set_out(session, ports,
                 {.kind = DeploymentKind::deploy, .release = std::move(release), .by = request.by},
                 stop);
}

base::Result<> Driver::preflight(const Session& session, const DeploymentRequest& request) {
  PIPELINE_TRY(check_request(session.record(), request));
  for (const std::string& from : request.promote_from) {
    PIPELINE_ASSIGN(const auto entries, journal_.read({request.key.pipeline, from}));
    PIPELINE_ASSIGN(const auto record, rollout::fold(entries));
    PIPELINE_TRY(check_promotion(from, record, request));
  }
  return {};
}

base::Result<Release> Driver::new_release(const Session& session, const DeploymentRequest& request,
                                          EnvironmentPorts& ports) {
  Release release;
  // Above those of a journal that was lost, too: a number names one artifact for ever.
  PIPELINE_ASSIGN(const std::uint64_t installed, ports.target->last_installed());
  release.number = std::max(session.record().last_release, installed) + 1;
  release.artifact = request.artifact;
  release.digest = request.digest;
  release.environment = request.environment;
  release.repository = request.repository;
  release.tree = request.tree;
  release.run = request.run;
  release.machine = machine_;
  PIPELINE_ASSIGN(release.fleet, new_fleet(session.record(), release, *ports.target));
  return release;
}

base::Result<DeploymentResult> Driver::set_out(Session& session, EnvironmentPorts& ports,
                                               Order order, const std::stop_token& stop) {
  const rollout::EnvironmentRecord& record = session.record();
  rollout::StrategyInput input;
  input.old_fleet = record.fleet_of(record.current);
  input.before = rollout::filtered(record.traffic, [&](const rollout::Endpoint& endpoint) {
    return contains(input.old_fleet, endpoint.instance);
  });
  input.release = std::move(order.release);
  const rollout::Steps steps = order.kind == DeploymentKind::deploy
                                   ? plan_deployment(input)
                                   : plan_return(input, order.fleets);
  // A reader starts here: what came before is history.
  PIPELINE_TRY(session.write(rollout::Checkpoint{.record = record}));
  PIPELINE_TRY(session.write(rollout::Opened{.kind = order.kind,
                                             .release = input.release,
                                             .before = input.before,
                                             .by = std::move(order.by)}));
  session.report("release " + std::to_string(input.release.number) + ": " + input.release.artifact +
                 " " + input.release.digest.short_hex());
  Journey journey(session, ports, waiter_, clock_);
  return journey.go(steps, stop);
}

base::Result<DeploymentResult> Driver::resume(const EnvironmentKey& key, const Observer& observer,
                                              std::stop_token stop) {
  PIPELINE_ASSIGN(Session session, hold(key, observer, stop));
  const rollout::EnvironmentRecord& record = session.record();
  PIPELINE_TRY(refuse_unknown(key, record));
  if (record.deployment && record.deployment->state == rollout::State::frozen) {
    PIPELINE_TRY(session.write(rollout::Entered{.state = rollout::State::rolling_back}));
  }
  PIPELINE_ASSIGN(const auto left, pick_up(session, stop));
  if (left) return *left;
  const auto due = rollout::cleaning_due(record);
  PIPELINE_ASSIGN(DeploymentResult result, repair(session, stop));
  if (due && *due <= clock_.now()) PIPELINE_TRY(clean(session));
  return result;
}

base::Result<DeploymentResult> Driver::roll_back(const RollbackRequest& request,
                                                 const Observer& observer, std::stop_token stop) {
  const auto& [key, release, by] = request;
  PIPELINE_ASSIGN(Session session, hold(key, observer, stop));
  const rollout::EnvironmentRecord& record = session.record();
  PIPELINE_TRY(refuse_unknown(key, record));
  PIPELINE_TRY(refuse_frozen(key, record));
  PIPELINE_ASSIGN(const auto left, pick_up(session, stop));
  // Who says "back" while a deployment hangs in the air means that one.
  if (left && (!release || left->verdict == Verdict::frozen)) return *left;
  PIPELINE_ASSIGN(const Release to, release_to_return_to(key, record, release));
  if (to.number == record.current) return repair(session, stop);
  return return_to(session, to, by, stop);
}

base::Result<DeploymentResult> Driver::return_to(Session& session, const Release& release,
                                                 const std::string& by,
                                                 const std::stop_token& stop) {
  const rollout::EnvironmentRecord& record = session.record();
  PIPELINE_TRY(refuse_release_elsewhere(session.key(), release, machine_));
  const bool kept = record.previous_is_warm && record.previous == release.number;
  PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(session.key(), release.environment));
  PIPELINE_TRY(ports.traffic->check_can_run());
  if (!kept) PIPELINE_TRY(clean(session));
  Release to = release;
  Fleets fleets = Fleets::cold;
  if (kept) {
    StepRunner look(session.key(), ports, record, waiter_, clock_, [](const std::string&) {});
    PIPELINE_ASSIGN(const rollout::Reality reality, look.look());
    const bool all = std::ranges::all_of(release.fleet, [&](const rollout::Instance& instance) {
      return reality.healthy.contains(instance.name);
    });
    if (all && reality.switch_running) fleets = Fleets::warm;
  } else {
    PIPELINE_ASSIGN(to.fleet, new_fleet(record, to, *ports.target));
  }
  return set_out(
      session, ports,
      {.kind = DeploymentKind::rollback, .release = std::move(to), .fleets = fleets, .by = by},
      stop);
}

base::Result<std::vector<EnvironmentKey>> Driver::environments() {
  return journal_.environments();
}

base::Result<std::string> Driver::owner(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto entries, journal_.read(key));
  PIPELINE_ASSIGN(const rollout::EnvironmentRecord record, rollout::fold(entries));
  return record.repository;
}

base::Result<> Driver::shut_down(const EnvironmentKey& key, const Observer& observer) {
  PIPELINE_ASSIGN(Session session, hold(key, observer, {}));
  const rollout::EnvironmentRecord& record = session.record();
  PIPELINE_TRY(refuse_unknown(key, record));
  // Nothing is left that could run; a deployment that was killed at its very end is over now.
  if (record.releases.empty()) return session.write(rollout::ShutDown{});
  const Release* current = record.find(record.current);
  const Release& definition = current != nullptr ? *current : record.releases.back();
  PIPELINE_ASSIGN(EnvironmentPorts ports, ports_.open(key, definition.environment));
  PIPELINE_ASSIGN(const auto observed, ports.target->observe());
  // Users first: a refused connection says more than an answer made of nothing.
  session.report("stopping", "stop the traffic switch");
  PIPELINE_TRY(ports.traffic->shut_down());
  for (const ObservedInstance& one : observed) {
    session.report("stopping", "stop " + one.spec.name);
    PIPELINE_TRY(ports.target->stop(one.spec.name));
  }
  return session.write(rollout::ShutDown{});
}

}  // namespace pipeline::deploy
