#include "tests/support/deploy/fake_world.h"

#include <algorithm>

#include "pipelines/rollout/colour.h"

namespace pipeline::support {

using base::Result;
using rollout::Endpoint;
using rollout::Traffic;

bool FakeWorld::healthy(const std::string& instance) const {
  const auto found = instances.find(instance);
  if (found == instances.end()) return false;
  return clock.now() >= found->second.ready_at && !sick(instance);
}

bool FakeWorld::sick(const std::string& instance) const {
  const auto found = instances.find(instance);
  if (found == instances.end()) return false;
  const FakeInstance& one = found->second;
  return clock.now() < one.restarted_at || (one.sick_from && clock.now() >= *one.sick_from);
}

std::set<std::string> FakeWorld::served() const {
  std::set<std::string> names;
  if (!switch_running) return names;
  for (const Endpoint& endpoint : reachable(traffic)) {
    if (healthy(endpoint.instance)) names.insert(endpoint.instance);
  }
  return names;
}

std::set<std::string> FakeWorld::running() const {
  std::set<std::string> names;
  for (const auto& [name, instance] : instances) names.insert(name);
  return names;
}

void FakeWorld::crash(const std::string& instance) {
  FakeInstance& one = instances.at(instance);
  one.restarted_at = clock.now() + behaviour[one.spec.release].boot;
}

void FakeWorld::lose(const std::string& instance) {
  if (instances.erase(instance) != 0) lost.insert(instance);
}

void FakeWorld::lose_switch() {
  switch_running = false;
  last_request_.clear();
}

void FakeWorld::reboot() {
  for (const std::string& instance : running()) lose(instance);
  lose_switch();
}

Result<> FakeWorld::effect(const std::string& call, const std::function<void()>& act) {
  PIPELINE_TRY(on_call(Moment::before, call));
  act();
  return on_call(Moment::after, call);
}

Result<> FakeWorld::install(std::uint64_t release) {
  return effect("install " + std::to_string(release), [&] { installed.insert(release); });
}

Result<> FakeWorld::start(const deploy::InstanceSpec& spec) {
  return effect("start " + spec.name, [&] {
    if (!installed.contains(spec.release)) throw Misuse(spec.name + " started before its release");
    if (const auto known = instances.find(spec.name); known != instances.end()) {
      if (!(known->second.spec == spec)) throw Misuse(spec.name + " started as two things");
      return;
    }
    for (const auto& [name, other] : instances) {
      if (other.spec.port == spec.port) throw Misuse(spec.name + " got the port of " + name);
    }
    const Behaviour how = behaviour[spec.release];
    FakeInstance born{.spec = spec, .ready_at = clock.now() + how.boot, .sick_from = {}};
    if (how.sick_after) born.sick_from = born.ready_at + *how.sick_after;
    instances[spec.name] = born;
    lost.erase(spec.name);
  });
}

Result<> FakeWorld::stop(const std::string& instance) {
  return effect("stop " + instance, [&] {
    const auto reached = switch_running ? reachable(traffic) : std::vector<Endpoint>();
    if (std::ranges::find(reached, instance, &Endpoint::instance) != reached.end()) {
      throw Misuse(instance + " stopped while users reach it");
    }
    const auto under_way = switch_running ? sessions(instance) : Result<std::uint32_t>(0);
    if (instances.contains(instance) && *under_way != 0) {
      throw Misuse(instance + " stopped while it answers requests");
    }
    instances.erase(instance);
    lost.erase(instance);
  });
}

Result<> FakeWorld::remove(std::uint64_t release) {
  return effect("remove " + std::to_string(release), [&] {
    for (const auto& [name, instance] : instances) {
      if (instance.spec.release == release) throw Misuse("files removed under " + name);
    }
    installed.erase(release);
  });
}

Result<> FakeWorld::run_switch() {
  return effect("run switch", [&] { switch_running = true; });
}

void FakeWorld::refuse_hurting(const Traffic& wanted) const {
  const auto before = reachable(traffic);
  for (const Endpoint& endpoint : reachable(wanted)) {
    const bool already =
        std::ranges::find(before, endpoint.instance, &Endpoint::instance) != before.end();
    // One that fell sick a moment ago may still be there; a new one must be well.
    const bool gone = lost.contains(endpoint.instance);
    if (!healthy(endpoint.instance) && !sick(endpoint.instance) && !already && !gone) {
      throw Misuse("users sent to " + endpoint.instance + ", which is not healthy");
    }
    if (!instances.contains(endpoint.instance) && !gone) {
      throw Misuse("users sent to " + endpoint.instance + ", which does not run");
    }
  }
}

Result<> FakeWorld::assign(const Traffic& wanted) {
  if (!switch_running) return base::fail(base::ErrorKind::unavailable, "the switch does not run");
  return effect("assign", [&] {
    refuse_hurting(wanted);
    for (const Endpoint& endpoint : reachable(traffic)) {
      last_request_[endpoint.instance] = clock.now();
    }
    traffic = wanted;
  });
}

Result<> FakeWorld::shut_switch_down() {
  return effect("shut switch down", [&] {
    switch_running = false;
    traffic = {};
  });
}

Result<std::uint32_t> FakeWorld::sessions(const std::string& instance) const {
  if (!switch_running) return base::fail(base::ErrorKind::unavailable, "the switch does not run");
  const auto reached = reachable(traffic);
  if (std::ranges::find(reached, instance, &Endpoint::instance) != reached.end()) return 3U;
  const auto last = last_request_.find(instance);
  return last != last_request_.end() && clock.now() < last->second + session_length ? 1U : 0U;
}

deploy::Waited FakeWaiter::wait(base::Duration duration, std::stop_token stop) {
  if (duration.count() <= 0) throw Misuse("waited for no time: a loop that never ends");
  world_.clock.advance(duration);
  world_.on_wait();
  return stop.stop_requested() ? deploy::Waited::stopped : deploy::Waited::full;
}

}  // namespace pipeline::support
