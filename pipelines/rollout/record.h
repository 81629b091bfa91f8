// What is known of an environment: a fold over its journal. Pure values; `apply` is the only
// writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/rollout/release.h"
#include "pipelines/rollout/step.h"

namespace pipeline::rollout {

enum class DeploymentKind {
  deploy,    // a new release
  rollback,  // a person goes back to an earlier one
};

// Whether a deployment that goes back says something about its release. Somebody's wish to stop, a
// driver that died and a machine that cannot do its part do not.
enum class Blame { nobody, release };

enum class Direction { forward, back, cleaning, repair };

// The last deployment of an environment, under way or over.
struct Deployment {
  DeploymentKind kind = DeploymentKind::deploy;
  std::uint64_t release = 0;       // the one it brings
  std::uint64_t old_release = 0;   // the one that served before; 0: none
  std::uint64_t old_previous = 0;  // what `previous` was then
  Traffic before;                  // what the switch did then
  State state = State::approved;
  std::uint32_t batch = 0;
  std::string reason{};  // why it went back, or froze
  std::string hint{};    // what to do about that, if there is something
  Blame blame = Blame::nobody;
  base::TimePoint since;  // of the state
  // The plan that is being carried out.
  Direction direction = Direction::forward;
  Steps steps{};
  std::uint32_t done = 0;  // steps that have a result
  std::string by{};        // who or what asked for it; empty: not known
};

struct EnvironmentRecord {
  std::string repository{};          // whose pipeline deploys here; empty: not known, or nobody's
  std::uint64_t last_release = 0;    // the highest number given
  std::vector<Release> releases;     // whose files are kept, lowest number first
  std::uint64_t current = 0;         // serves; 0: none
  std::uint64_t previous = 0;        // served before; 0: none
  bool previous_is_warm = false;     // its fleet is still up, out of traffic
  Traffic traffic;                   // as last assigned
  std::vector<base::Digest> bad;     // rolled back here, newest last
  std::vector<base::Digest> passed;  // went through all gates here, newest last
  std::optional<Deployment> deployment;

  const Release* find(std::uint64_t number) const;
  // The instances that `current`, or another release, was given; empty for 0.
  Fleet fleet_of(std::uint64_t number) const;
};

// By which release the environment is where it is: that of an unfinished deployment, else the
// current one; none that is kept, and nothing is up anywhere.
const Release* release_there(const EnvironmentRecord& record);
// On whose machine it serves, or is being brought to: an agent's name, or empty for the journal's
// own. None: nothing is up anywhere, so that it may go to any.
std::optional<std::string> machine_of(const EnvironmentRecord& record);
// A deployment that nobody has brought to an end: under way, or its driver died.
bool is_unfinished(const EnvironmentRecord& record);
// When the warm previous fleet may be ended; none when there is nothing to clean.
std::optional<base::TimePoint> cleaning_due(const EnvironmentRecord& record);

}  // namespace pipeline::rollout
