// A world to deploy into: instances, a switch, gates, time. It stands still until it is waited in,
// outlives the drivers that act on it, and refuses what would hurt a user or what the real ports
// forbid: misuse is thrown, never tolerated.
//
// Every port call passes `on_call` twice, before and after its effect: there a test kills the
// driver (by throwing), fails the call, or checks what must hold.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "pipelines/rollout/traffic.h"
#include "stages/deploy/environment_ports.h"
#include "stages/deploy/waiter.h"
#include "tests/support/manual_clock.h"

namespace pipeline::support {

// The driver did what it must never do.
struct Misuse : std::logic_error {
  using std::logic_error::logic_error;
};

struct FakeInstance {
  deploy::InstanceSpec spec;
  base::TimePoint ready_at;                  // answers probes from then on …
  std::optional<base::TimePoint> sick_from;  // … until then
  base::TimePoint restarted_at{};            // it crashed, and its supervisor has it back by then
};

enum class Moment { before, after };

class FakeWorld {
 public:
  // `call` is "start r1-2", "assign", "gate smoke" …; an error fails it (before: without effect).
  using OnCall = std::function<base::Result<>(Moment moment, const std::string& call)>;
  // What a gate said of a release.
  using OnVerdict =
      std::function<void(std::uint64_t release, const std::string& gate, bool passed)>;

  // --- what a test sets ---
  OnCall on_call = [](Moment, const std::string&) -> base::Result<> { return {}; };
  OnVerdict on_verdict = [](std::uint64_t, const std::string&, bool) {};
  std::function<void()> on_wait = [] {};
  // How a release's instances behave; the default is healthy after `boot`.
  struct Behaviour {
    base::Duration boot = std::chrono::milliseconds(300);
    std::optional<base::Duration> sick_after;
  };
  std::map<std::uint64_t, Behaviour> behaviour;
  std::set<std::string> failing_gates;        // "smoke before", "smoke after", "toggle before"
  std::set<std::string> ended;                // instances; somebody else answers on their ports
  std::set<std::string> unknown_artifacts;    // digests
  std::optional<base::Error> switch_trouble;  // why it could not run, as far as one can see before
  base::Duration session_length = std::chrono::milliseconds(200);

  // --- what a test sees ---
  ManualClock clock;
  std::map<std::string, FakeInstance> instances;  // that run
  std::set<std::string> lost;  // that ran, and that a fault of the machine has ended
  std::set<std::uint64_t> installed;
  bool switch_running = false;
  rollout::Traffic traffic;
  std::vector<std::string> gates_asked;  // "smoke before"

  bool healthy(const std::string& instance) const;
  bool sick(const std::string& instance) const;
  // Instances that a user's request may reach now, and that answer it.
  std::set<std::string> served() const;
  std::set<std::string> running() const;

  // --- faults of the machine ---
  void crash(const std::string& instance);  // its supervisor starts it again
  void lose(const std::string& instance);   // and nobody starts it again
  void lose_switch();                       // what it was told to do it knows when it runs again
  void reboot();                            // no process is left; files are

  // --- what the ports do ---
  base::Result<> install(std::uint64_t release);
  base::Result<> start(const deploy::InstanceSpec& spec);
  base::Result<> stop(const std::string& instance);
  base::Result<> remove(std::uint64_t release);
  base::Result<> run_switch();
  base::Result<> assign(const rollout::Traffic& wanted);
  base::Result<> shut_switch_down();
  base::Result<std::uint32_t> sessions(const std::string& instance) const;

 private:
  base::Result<> effect(const std::string& call, const std::function<void()>& act);
  void refuse_hurting(const rollout::Traffic& wanted) const;

  std::map<std::string, base::TimePoint> last_request_;
};

// Bound to one environment's world; any number of drivers, one after the other.
class FakePortsFactory final : public deploy::EnvironmentPortsFactory {
 public:
  void add(const deploy::EnvironmentKey& key, FakeWorld& world) { worlds_[key] = &world; }
  base::Result<deploy::EnvironmentPorts> open(const deploy::EnvironmentKey& key,
                                              const model::Environment& environment) override;

 private:
  std::map<deploy::EnvironmentKey, FakeWorld*> worlds_;
};

// Lets the world's time pass.
class FakeWaiter final : public deploy::Waiter {
 public:
  explicit FakeWaiter(FakeWorld& world) : world_(world) {}
  deploy::Waited wait(base::Duration duration, std::stop_token stop) override;

 private:
  FakeWorld& world_;
};

}  // namespace pipeline::support
