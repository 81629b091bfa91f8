// What tests of the driver deploy, and what then serves.
#pragma once

#include <set>
#include <string>

#include "tests/support/deploy/scene.h"

namespace pipeline::deploy {

inline const model::Environment kBlueGreen =
    support::fake_environment(model::StrategyKind::blue_green, 2);

// What a world throws whose driver is killed.
struct SimulatedKill {};

// The first `count` instances of a release.
inline std::set<std::string> names(std::uint64_t release, int count) {
  std::set<std::string> all;
  for (int i = 1; i <= count; ++i) {
    all.insert("r" + std::to_string(release) + "-" + std::to_string(i));
  }
  return all;
}

}  // namespace pipeline::deploy
