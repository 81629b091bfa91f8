// One step of a deployment: an absolute statement about the world, so that carrying it out twice
// changes nothing. Strategies make lists of them, stages/deploy carries them out. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/rollout/instance.h"
#include "pipelines/rollout/state.h"
#include "pipelines/rollout/traffic.h"

namespace pipeline::rollout {

struct EnsureSwitch {};  // the traffic switch runs on its addresses
struct Install {         // the release's files are unpacked and verified
  std::uint64_t release = 0;
};
struct StartInstances {
  Fleet instances;
};
struct AwaitHealthy {  // each passes `rise` probes in a row within the deadline
  Fleet instances;
};
struct AssignTraffic {
  Traffic traffic;
};
enum class GateTime { before_traffic, after_promotion };
struct AskGates {
  GateTime when = GateTime::before_traffic;
};
struct Bake {  // for so long, none of them fails `fall` probes in a row
  base::Duration duration{0};
  Fleet instances;
};
struct Drain {  // no request is under way at them, or the drain limit has passed
  Fleet instances;
};
struct StopInstances {
  Fleet instances;
};
struct RemoveRelease {  // its files are gone; best effort, tried again by the next cleaning
  std::uint64_t release = 0;
};
struct ShutDownSwitch {};
// The deployment enters a state; `promoted` moves the environment's release pointer.
struct Enter {
  State state = State::prepared;
  std::uint32_t batch = 0;  // of shifting and baking, from 1
};

using Step =
    std::variant<EnsureSwitch, Install, StartInstances, AwaitHealthy, AssignTraffic, AskGates, Bake,
                 Drain, StopInstances, RemoveRelease, ShutDownSwitch, Enter>;
using Steps = std::vector<Step>;

// What the step does, for a person: "start r7-1, r7-2 on ports 8101, 8102".
std::string describe(const Step& step);

}  // namespace pipeline::rollout
