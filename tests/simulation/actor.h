// One process that carries out one command on an environment, and what fate has in store for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "stages/deploy/deployer.h"
#include "stages/deploy/journal.h"
#include "tests/simulation/site.h"

namespace pipeline::simulation {

// Percent, of every call and wait.
struct Luck {
  std::uint64_t kill = 0;
  std::uint64_t refuse = 0;
  std::uint64_t stop = 0;
  std::uint64_t crash = 0;    // of an instance, or its end
  std::uint64_t intrude = 0;  // by another process, on the same environment
};

struct Actor {
  enum class Does { deploy, resume, roll_back, shut_down, look };

  Site* site = nullptr;
  Does does = Does::deploy;
  deploy::DeploymentRequest request{.key = {},  // of a deploy
                                    .environment = {},
                                    .artifact = {},
                                    .digest = support::fake_digest(0),
                                    .promote_from = {},
                                    .repository = {},
                                    .tree = {}};
  std::optional<std::uint64_t> release{};  // of a roll_back
  Luck luck{};
  std::set<std::string> failing_gates{};
  std::unique_ptr<deploy::QueuePlace> place{};    // taken before it was started
  std::unique_ptr<deploy::QueuePlace> blocker{};  // of somebody who was there first
  std::stop_source stop{};

  std::uint64_t fence = 0;  // 0: it is not its turn
  std::uint64_t calls = 0;
  bool ousted = false;          // its place was lost, and another one has its turn
  bool met_frozen = false;      // the environment was frozen when it took its turn
  bool met_unfinished = false;  // somebody had left a deployment
  bool met_bad = false;         // and had rolled its digest back before
};

}  // namespace pipeline::simulation
