#include "tests/simulation/site.h"

#include <algorithm>

#include "pipelines/rollout/colour.h"

namespace pipeline::simulation {

namespace {

std::set<std::string> names_in(const rollout::Fleet& fleet) {
  std::set<std::string> names;
  for (const rollout::Instance& one : fleet) names.insert(one.name);
  return names;
}

std::set<std::string> reached_in(const support::FakeWorld& world) {
  std::set<std::string> names;
  for (const auto& endpoint : reachable(world.traffic)) names.insert(endpoint.instance);
  return names;
}

}  // namespace

Site::Site(std::string name, model::StrategyKind kind, Random& random, support::JournalDisk& disk)
    : key_{"shop", std::move(name)}, disk_(disk) {
  environment_ = support::fake_environment(kind, 1);
  environment_.name = key_.environment;
  environment_.ports.last = 8120;  // room for fleets that grow
  environment_.strategy.batch = static_cast<std::uint32_t>(random.between(1, 3));
  environment_.strategy.bake = std::chrono::seconds(random.below(4));
  environment_.retain.warm = std::chrono::seconds(random.percent(50) ? 0 : 60);
  environment_.retain.releases = static_cast<std::uint32_t>(random.between(1, 3));
  world_.on_verdict = [this](std::uint64_t release, const std::string& gate, bool passed) {
    witness_.saw_verdict(release, gate, passed);
  };
}

rollout::EnvironmentRecord Site::record() const {
  const auto entries = support::MemoryJournal(disk_).read(key_);
  require(entries.has_value(), "the journal cannot be read");
  auto record = rollout::fold(*entries);
  require(record.has_value(), "the journal cannot be folded");
  return *std::move(record);
}

void Site::settle_promise() {
  if (is_unfinished(record())) return;
  heal();
  promise_ = world_.served().size();
}

void Site::check_promise(const std::string& moment) const {
  // Whoever fell sick by themselves are the world's doing, not the driver's.
  std::size_t excused = 0;
  for (const auto& [name, instance] : world_.instances) excused += world_.sick(name) ? 1U : 0U;
  require(world_.served().size() + excused >= promise_,
          "at \"" + moment + "\" users of " + key_.environment + " reach " +
              std::to_string(world_.served().size()) + " instances, promised were " +
              std::to_string(promise_));
}

void Site::check_reached() const {
  for (const auto& endpoint : reachable(world_.traffic)) {
    const auto found = world_.instances.find(endpoint.instance);
    if (found != world_.instances.end()) witness_.saw_users_reach(found->second.spec.release);
  }
}

void Site::count_losses() {
  const auto record = this->record();
  for (const std::uint64_t release : {record.current, record.previous}) {
    for (const rollout::Instance& one : record.fleet_of(release)) {
      if (!world_.instances.contains(one.name)) world_.lost.insert(one.name);
    }
  }
}

void Site::heal() {
  world_.behaviour.clear();
  for (auto& [name, instance] : world_.instances) {
    instance.sick_from.reset();
    instance.ready_at = std::min(instance.ready_at, world_.clock.now());
    instance.restarted_at = instance.ready_at;
  }
}

bool Site::is_running(const rollout::EnvironmentRecord& record) const {
  return std::ranges::includes(world_.running(), names_in(record.fleet_of(record.current)));
}

bool Site::is_whole() const {
  const auto record = this->record();
  const auto fleet = names_in(record.fleet_of(record.current));
  return world_.switch_running == !fleet.empty() && world_.served() == fleet;
}

void Site::check_peace() const {
  const auto record = this->record();
  require(!is_unfinished(record), "left in peace, the deployment does not end");
  auto expected = names_in(record.fleet_of(record.current));
  require(world_.switch_running == (record.current != 0), "the switch leaked, or is missing");
  require(!world_.switch_running || reached_in(world_) == expected,
          "users do not reach exactly the current release");
  require(std::ranges::includes(world_.running(), expected), "an instance is missing");
  if (record.previous_is_warm) expected.merge(names_in(record.fleet_of(record.previous)));
  // Of a warm fleet, what was lost stays lost.
  require(std::ranges::includes(expected, world_.running()), "an instance leaked");
  for (const std::string& name : expected) {
    require(world_.instances.contains(name) || world_.lost.contains(name),
            name + " was to be kept warm");
  }
  for (const std::uint64_t installed : world_.installed) {
    require(record.find(installed) != nullptr, "files of a forgotten release leaked");
  }
}

}  // namespace pipeline::simulation
