// One environment of the simulation: its world, its definition, a witness, and what its users were
// promised.
#pragma once

#include <memory>
#include <string>

#include "tests/simulation/harness.h"
#include "tests/simulation/witness.h"
#include "tests/support/deploy/scene.h"

namespace pipeline::simulation {

class Site {
 public:
  Site(std::string name, model::StrategyKind kind, Random& random, support::JournalDisk& disk);

  const deploy::EnvironmentKey& key() const { return key_; }
  support::FakeWorld& world() { return world_; }
  Witness& witness() { return witness_; }
  model::Environment& environment() { return environment_; }
  std::size_t in_queue() { return disk_.environments[key_].queue.size(); }
  std::uint64_t latest_fence() { return disk_.environments[key_].fence; }
  // As a machine that stood still for too long loses it.
  void lose_first_place() { disk_.environments[key_].queue.pop_front(); }
  // Broken when the journal cannot be read.
  rollout::EnvironmentRecord record() const;

  // As long as nothing is settled, the least of what the commands since then promised.
  void lower_promise(std::size_t promised) { promise_ = std::min(promise_, promised); }
  // A fault took an instance: whether it comes back, and when users reach it again, is open.
  void lower_promise_by_one() { promise_ -= promise_ == 0 ? 0 : 1; }
  // What serves after a settled command is what the next one begins with. It has proved itself: it
  // stays well, and starts in good time if it has to again.
  void settle_promise();
  // Users reach as many healthy instances as they were promised, less those that fell sick.
  void check_promise(const std::string& moment) const;

  // The witness sees whom users reach.
  void check_reached() const;
  // Whatever should run and does not counts as lost, as half of a `stop` leaves it.
  void count_losses();

  // Something happened that no driver is asked to make good by itself.
  void disturb() { disturbed_ = true; }
  bool disturbed() const { return disturbed_; }
  void recover() { disturbed_ = false; }
  void heal();
  // Every instance of the release that serves runs, well or not.
  bool is_running(const rollout::EnvironmentRecord& record) const;
  // The switch runs, and every instance of the release that serves is there and reached.
  bool is_whole() const;
  // Left in peace and resumed: exactly one release serves, with its whole fleet; nothing but it and
  // a warm previous fleet runs, and no files of forgotten releases are left.
  void check_peace() const;

 private:
  deploy::EnvironmentKey key_;
  support::JournalDisk& disk_;
  support::FakeWorld world_;
  model::Environment environment_;
  Witness witness_;
  std::size_t promise_ = 0;
  bool disturbed_ = false;
};

}  // namespace pipeline::simulation
