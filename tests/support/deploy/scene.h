// A driver on a fake world and a journal in memory, and requests for it: what tests of deployments
// start from.
#pragma once

#include <gtest/gtest.h>

#include "stages/deploy/driver.h"
#include "tests/support/deploy/fake_world.h"
#include "tests/support/deploy/memory_journal.h"

namespace pipeline::support {

inline base::Digest fake_digest(std::uint8_t number) {
  base::Digest::Bytes bytes{};
  bytes.fill(number);
  return base::Digest(bytes);
}

inline model::Environment fake_environment(model::StrategyKind kind, std::uint32_t instances) {
  model::Environment environment;
  environment.name = "production";
  environment.instances = instances;
  environment.start = "./shop --port $PORT";
  environment.ports = {8101, static_cast<std::uint16_t>(8100 + 2 * instances)};
  environment.health.http_path = "/healthz";
  environment.strategy.kind = kind;
  environment.strategy.bake = std::chrono::seconds(5);
  environment.allow_downtime = kind == model::StrategyKind::all_at_once;
  environment.traffic = {"127.0.0.1:8080", "127.0.0.1:8081"};
  environment.gates.push_back({.gate = model::ToggleGate{.off = {"new-checkout"}}, .span = {}});
  environment.gates.push_back({.gate = model::SmokeGate{.run = {"smoke.sh"}}, .span = {}});
  return environment;
}

struct Scene {
  deploy::EnvironmentKey key{"shop", "production"};
  FakeWorld world;
  JournalDisk disk;
  FakePortsFactory ports;
  std::string machine{};          // whose ports they are
  std::vector<std::string> told;  // "state: detail"
  std::stop_source stop;

  Scene() { ports.add(key, world); }

  // As a new process would: nothing is kept between calls but the disk and the world.
  template <class Call>
  auto with_driver(const Call& call) {
    MemoryJournal journal(disk);
    FakeWaiter waiter(world);
    deploy::Driver driver(journal, ports, waiter, world.clock, machine);
    return call(driver);
  }
  deploy::Observer observer() {
    return [this](const deploy::Progress& progress) {
      told.push_back(progress.state + ": " + progress.detail);
    };
  }

  deploy::DeploymentRequest request(std::uint8_t digest, const model::Environment& environment) {
    deploy::DeploymentRequest wanted{.key = key,
                                     .environment = environment,
                                     .artifact = "shop",
                                     .digest = fake_digest(digest),
                                     .promote_from = {},
                                     .repository = {},
                                     .tree = "tree"};
    return wanted;
  }
  base::Result<deploy::DeploymentResult> deploy(const deploy::DeploymentRequest& wanted) {
    return with_driver([&](deploy::Driver& driver) {
      return driver.deploy(wanted, observer(), stop.get_token());
    });
  }
  base::Result<deploy::DeploymentResult> resume() {
    return with_driver(
        [&](deploy::Driver& driver) { return driver.resume(key, observer(), stop.get_token()); });
  }
  base::Result<deploy::DeploymentResult> roll_back(std::optional<std::uint64_t> release = {}) {
    return with_driver([&](deploy::Driver& driver) {
      return driver.roll_back({.key = key, .release = release, .by = "ann"}, observer(),
                              stop.get_token());
    });
  }
  deploy::EnvironmentStatus status() {
    auto seen = with_driver([&](deploy::Driver& driver) { return driver.status(key); });
    return seen ? *seen : deploy::EnvironmentStatus{};
  }
  rollout::EnvironmentRecord record() {
    MemoryJournal journal(disk);
    return rollout::fold(*journal.read(key)).value();
  }
};

}  // namespace pipeline::support
