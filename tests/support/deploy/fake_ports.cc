// The ports of a FakeWorld.
#include <algorithm>

#include "tests/support/deploy/fake_world.h"

namespace pipeline::support {

namespace {

using base::ErrorKind;
using base::Result;

class FakeTarget final : public deploy::Target {
 public:
  explicit FakeTarget(FakeWorld& world) : world_(world) {}

  Result<> verify(const base::Digest& artifact) override {
    if (!world_.unknown_artifacts.contains(artifact.hex())) return {};
    return base::fail(ErrorKind::not_found, "there is no artifact " + artifact.short_hex());
  }
  Result<> install(std::uint64_t release, const base::Digest&) override {
    return world_.install(release);
  }
  Result<std::uint64_t> last_installed() override {
    return world_.installed.empty() ? 0 : *world_.installed.rbegin();
  }
  Result<> start(const deploy::InstanceSpec& spec) override { return world_.start(spec); }
  Result<> stop(const std::string& instance) override { return world_.stop(instance); }
  Result<> remove(std::uint64_t release) override { return world_.remove(release); }

  Result<std::vector<deploy::ObservedInstance>> observe() override {
    PIPELINE_TRY(world_.on_call(Moment::before, "observe instances"));
    std::vector<deploy::ObservedInstance> seen;
    for (const auto& [name, instance] : world_.instances) {
      deploy::ObservedInstance one;
      one.spec = instance.spec;
      one.running = !world_.ended.contains(name);
      one.pid = 4000 + static_cast<int>(seen.size());
      one.supervisor = 5000 + static_cast<int>(seen.size());
      seen.push_back(one);
    }
    return seen;
  }

  Result<std::vector<std::uint16_t>> free_ports(const model::PortRange& range, std::uint32_t count,
                                                const std::vector<std::uint16_t>& kept) override {
    std::vector<std::uint16_t> free;
    for (std::uint32_t port = range.first; port <= range.last && free.size() < count; ++port) {
      const bool taken = std::ranges::any_of(world_.instances,
                                             [port](const auto& entry) {
                                               return entry.second.spec.port == port;
                                             }) ||
                         std::ranges::find(kept, port) != kept.end();
      if (!taken) free.push_back(static_cast<std::uint16_t>(port));
    }
    if (free.size() < count) return base::fail(ErrorKind::exhausted, "too few ports");
    return free;
  }

 private:
  FakeWorld& world_;
};

class FakeSwitch final : public deploy::TrafficSwitch {
 public:
  explicit FakeSwitch(FakeWorld& world) : world_(world) {}

  Result<> check_can_run() override {
    return world_.switch_trouble ? Result<>(base::fail(*world_.switch_trouble)) : Result<>();
  }
  Result<> ensure_running() override { return world_.run_switch(); }
  Result<> assign(const rollout::Traffic& traffic) override { return world_.assign(traffic); }
  Result<rollout::Traffic> observe() override {
    if (!world_.switch_running) return base::fail(ErrorKind::unavailable, "it does not run");
    PIPELINE_TRY(world_.on_call(Moment::before, "observe switch"));
    return world_.traffic;
  }
  Result<std::uint32_t> sessions(const std::string& instance) override {
    return world_.sessions(instance);
  }
  Result<deploy::SwitchCounters> counters() override { return deploy::SwitchCounters{}; }
  Result<bool> running() override { return world_.switch_running; }
  Result<> shut_down() override { return world_.shut_switch_down(); }

 private:
  FakeWorld& world_;
};

class FakeProber final : public deploy::Prober {
 public:
  explicit FakeProber(FakeWorld& world) : world_(world) {}

  Result<> probe(const std::string&, std::uint16_t port, const model::HealthCheck&) override {
    for (const auto& [name, instance] : world_.instances) {
      if (instance.spec.port != port) continue;
      if (world_.healthy(name)) return {};
      return base::fail(ErrorKind::unavailable, "HTTP 503");
    }
    return base::fail(ErrorKind::unavailable, "connection refused");
  }

 private:
  FakeWorld& world_;
};

class FakeGates final : public deploy::GateKeeper {
 public:
  explicit FakeGates(FakeWorld& world) : world_(world) {}

  Result<deploy::GateVerdict> ask(const model::GateSpec& gate, const deploy::GateContext& context,
                                  std::stop_token) override {
    const bool smoke = std::holds_alternative<model::SmokeGate>(gate.gate);
    const bool before = context.phase == deploy::GatePhase::before_traffic;
    const std::string name =
        std::string(smoke ? "smoke" : "toggle") + (before ? " before" : " after");
    PIPELINE_TRY(world_.on_call(Moment::before, "gate " + name));
    if (smoke && before) refuse_blind_preview(context.release);
    world_.gates_asked.push_back(name);
    const bool passed = !world_.failing_gates.contains(name);
    world_.on_verdict(context.release, name, passed);
    if (passed) return deploy::GateVerdict{true, name + ": passed"};
    return deploy::GateVerdict{false, name + ": exit code 1", {"expected 200", "got 500"}};
  }

 private:
  void refuse_blind_preview(std::uint64_t release) const {
    if (world_.traffic.preview.empty()) throw Misuse("smoke gate asked without a preview");
    for (const auto& endpoint : world_.traffic.preview) {
      if (world_.lost.contains(endpoint.instance)) continue;
      const auto shown = world_.instances.find(endpoint.instance);
      if (shown == world_.instances.end() || shown->second.spec.release != release) {
        throw Misuse("the preview does not show the new release");
      }
    }
  }

  FakeWorld& world_;
};

}  // namespace

Result<deploy::EnvironmentPorts> FakePortsFactory::open(const deploy::EnvironmentKey& key,
                                                        const model::Environment&) {
  const auto found = worlds_.find(key);
  if (found == worlds_.end()) throw Misuse("no world for " + key.environment);
  FakeWorld& world = *found->second;
  return deploy::EnvironmentPorts{
      std::make_unique<FakeTarget>(world), std::make_unique<FakeSwitch>(world),
      std::make_unique<FakeProber>(world), std::make_unique<FakeGates>(world)};
}

}  // namespace pipeline::support
