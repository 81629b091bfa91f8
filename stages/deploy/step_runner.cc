#include "stages/deploy/step_runner.h"

#include "pipelines/base/text.h"
#include "pipelines/rollout/colour.h"
#include "stages/deploy/instance_spec.h"

namespace pipeline::deploy {

namespace {

constexpr base::Duration kDrainPoll = std::chrono::milliseconds(50);

}  // namespace

struct StepVisitor {
  StepRunner& runner;
  std::stop_token stop;

  base::Result<> operator()(const rollout::EnsureSwitch&) const {
    return runner.ports_.traffic->ensure_running();
  }
  base::Result<> operator()(const rollout::Install& step) const {
    PIPELINE_ASSIGN(const rollout::Release* release, runner.release(step.release));
    return runner.ports_.target->install(release->number, release->digest);
  }
  base::Result<> operator()(const rollout::StartInstances& step) const {
    for (const rollout::Instance& instance : step.instances) PIPELINE_TRY(runner.start(instance));
    return {};
  }
  base::Result<> operator()(const rollout::AwaitHealthy& step) const {
    PIPELINE_ASSIGN(const auto instances, runner.watched(step.instances));
    return runner.health_.await_healthy(
        instances, [this] { return runner.running(); }, runner.report_, stop);
  }
  base::Result<> operator()(const rollout::AssignTraffic& step) const {
    return runner.ports_.traffic->assign(step.traffic);
  }
  base::Result<> operator()(const rollout::AskGates& step) const {
    return runner.ask_gates(step.when, stop);
  }
  base::Result<> operator()(const rollout::Bake& step) const {
    PIPELINE_ASSIGN(const auto instances, runner.watched(step.instances));
    return runner.health_.watch(instances, step.duration, stop);
  }
  base::Result<> operator()(const rollout::Drain& step) const {
    return runner.drain(step.instances, stop);
  }
  base::Result<> operator()(const rollout::StopInstances& step) const {
    for (const rollout::Instance& instance : step.instances) {
      PIPELINE_TRY(runner.ports_.target->stop(instance.name));
    }
    return {};
  }
  base::Result<> operator()(const rollout::RemoveRelease& step) const {
    // Why the present deployment goes back is still wanted.
    if (step.release != runner.record_.deployment->release) {
      PIPELINE_TRY(runner.ports_.gates->forget(step.release));
    }
    return runner.ports_.target->remove(step.release);
  }
  base::Result<> operator()(const rollout::ShutDownSwitch&) const {
    return runner.ports_.traffic->shut_down();
  }
  base::Result<> operator()(const rollout::Enter&) const { return {}; }
};

base::Result<> StepRunner::run(const rollout::Step& step, std::stop_token stop) {
  return std::visit(StepVisitor{*this, std::move(stop)}, step);
}

base::Result<> StepRunner::start(const rollout::Instance& instance) {
  PIPELINE_ASSIGN(const rollout::Release* definition, release(instance.release));
  return ports_.target->start(instance_spec(instance, *definition));
}

base::Result<std::map<std::string, std::uint32_t>> StepRunner::running() {
  PIPELINE_ASSIGN(const auto observed, ports_.target->observe());
  std::map<std::string, std::uint32_t> running;
  for (const ObservedInstance& one : observed) {
    if (one.running) running.emplace(one.spec.name, one.restarts);
  }
  return running;
}

base::Result<> StepRunner::ask_gates(rollout::GateTime when, const std::stop_token& stop) {
  PIPELINE_ASSIGN(const rollout::Release* subject, release(record_.deployment->release));
  const bool before = when == rollout::GateTime::before_traffic;
  GateContext context = gate_context(
      key_.environment, *subject, before ? GatePhase::before_traffic : GatePhase::after_promotion);
  for (std::size_t at = 0; at < subject->environment.gates.size(); ++at) {
    const model::GateSpec& gate = subject->environment.gates[at];
    context.gate = at;
    // Whether dark code is dark does not change by promoting it; what users reach does.
    if (!before && !std::holds_alternative<model::SmokeGate>(gate.gate)) continue;
    PIPELINE_ASSIGN(const GateVerdict verdict, ports_.gates->ask(gate, context, stop));
    if (stop.stop_requested()) {
      return base::fail(base::ErrorKind::cancelled, "stopped on request");
    }
    for (const std::string& line : verdict.last_lines) report_("| " + line);
    if (!verdict.passed) return base::fail(base::ErrorKind::failed, verdict.detail);
    report_(verdict.detail);
  }
  return {};
}

base::Result<> StepRunner::drain(const rollout::Fleet& instances, const std::stop_token& stop) {
  const base::TimePoint start = clock_.now();
  for (const rollout::Instance& instance : instances) {
    PIPELINE_ASSIGN(const rollout::Release* definition, release(instance.release));
    while (true) {
      PIPELINE_ASSIGN(const std::uint32_t sessions, ports_.traffic->sessions(instance.name));
      if (sessions == 0 || clock_.now() - start >= definition->environment.drain) break;
      if (waiter_.wait(kDrainPoll, stop) == Waited::stopped) {
        return base::fail(base::ErrorKind::cancelled, "stopped on request");
      }
    }
  }
  return {};
}

base::Result<const rollout::Release*> StepRunner::release(std::uint64_t number) const {
  if (const rollout::Release* found = record_.find(number)) return found;
  return base::fail(base::ErrorKind::corrupt,
                    "release " + std::to_string(number) + " is not in the journal");
}

base::Result<std::vector<Watched>> StepRunner::watched(const rollout::Fleet& fleet) const {
  std::vector<Watched> result;
  for (const rollout::Instance& instance : fleet) {
    PIPELINE_ASSIGN(const rollout::Release* definition, release(instance.release));
    result.push_back({.instance = instance, .check = definition->environment.health});
  }
  return result;
}

base::Result<rollout::Reality> StepRunner::look() {
  PIPELINE_ASSIGN(const auto observed, ports_.target->observe());
  rollout::Fleet running;
  for (const ObservedInstance& one : observed) {
    if (one.running && record_.find(one.spec.release) != nullptr) {
      running.push_back({.name = one.spec.name,
                         .release = one.spec.release,
                         .host = one.spec.host,
                         .port = one.spec.port});
    }
  }
  rollout::Reality reality;
  PIPELINE_ASSIGN(const auto instances, watched(running));
  reality.healthy = health_.healthy_now(instances);
  PIPELINE_ASSIGN(reality.switch_running, ports_.traffic->running());
  if (reality.switch_running) {
    PIPELINE_ASSIGN(reality.traffic, ports_.traffic->observe());
  }
  return reality;
}

std::string StepRunner::describe_reality() {
  std::string text;
  if (const auto observed = ports_.target->observe()) {
    std::vector<std::string> running;
    for (const ObservedInstance& one : *observed) {
      if (one.running) running.push_back(one.spec.name + " (pid " + std::to_string(one.pid) + ")");
    }
    text = running.empty() ? "no instance runs" : "running: " + base::join(running, ", ");
  } else {
    text = "the instances cannot be seen: " + observed.error().to_string();
  }
  const auto traffic = ports_.traffic->observe();
  if (!traffic) return text + "; the switch cannot be asked: " + traffic.error().to_string();
  std::vector<std::string> served;
  for (const rollout::Endpoint& endpoint : reachable(*traffic)) served.push_back(endpoint.instance);
  return text + "; users reach " + (served.empty() ? "nobody" : base::join(served, ", "));
}

}  // namespace pipeline::deploy
