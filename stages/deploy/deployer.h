// What the rest of the program sees of a deployment: bring a release to an environment, roll back,
// look.
//
// One deployment at a time per environment (a lock with a fencing number); every external effect is
// journalled before and after. Killing the process at any moment leaves the old or the new release
// serving; `resume` or the next call reconciles. Threads: calls block, any one thread at a time per
// object; `stop` may be requested from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"
#include "pipelines/rollout/record.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::deploy {

struct DeploymentRequest {
  EnvironmentKey key;
  model::Environment environment;
  std::string artifact;
  base::Digest digest;
  // Refuse a digest that did not pass the gates of each of these environments.
  std::vector<std::string> promote_from;
  std::uint64_t run = 0;   // 0: not from a run
  std::string repository;  // where gates find the tree: smoke tests and toggle file
  std::string tree;
  // Accept a digest that was rolled back here before, and an environment of another repository.
  bool force = false;
  std::string by{};  // who asks for it, or what does: "ann", "push by ann"
};

struct RollbackRequest {
  EnvironmentKey key;
  std::optional<std::uint64_t> release{};  // none: the one before the current
  std::string by{};                        // who asks for it
};

// One step forward, for displays.
struct Progress {
  std::string
      state;  // a state's name of pipelines/rollout: "prepared", "shifting", "rolling-back" …
  std::string detail;  // a sentence for a person: "instance 2 of 4 healthy on 127.0.0.1:8102"
};
using Observer = std::function<void(const Progress&)>;

enum class Verdict {
  promoted,
  rolled_back,
  frozen,
  unchanged,
  restored,  // the release that serves was down, wholly or in part, and is up again
};

// "promoted", "rolled-back" …
std::string_view to_string(Verdict verdict);
std::optional<Verdict> verdict_of(std::string_view text);

struct DeploymentResult {
  Verdict verdict = Verdict::promoted;
  std::uint64_t release = 0;  // the number that serves now; 0: none
  std::string reason;         // why it was rolled back or frozen
  // Whether that is the release's doing; nobody's: ours, the machine's, or a wish to stop.
  rollout::Blame blame = rollout::Blame::nobody;
  std::string hint{};  // what to do about it; may be empty
};

struct InstanceStatus {
  std::string name;
  std::uint64_t release = 0;
  std::string address;
  int pid = 0;
  bool healthy = false;
  bool in_traffic = false;
  bool is_looked_at = true;  // false: on another machine; `pid` and `healthy` say nothing
};

struct EnvironmentStatus {
  EnvironmentKey key;
  std::string address;  // of the public side; empty: never deployed
  std::uint64_t release = 0;
  std::optional<base::Digest> digest;
  std::string artifact;
  std::uint64_t previous = 0;
  std::string state;  // of the running, interrupted or last deployment
  std::string reason;
  std::optional<base::TimePoint> since;
  std::string by;  // who or what asked for that deployment; empty: not known
  std::vector<InstanceStatus> instances;
  std::vector<base::Digest> bad;
  std::string machine{};  // the agent on whose machine it is; empty: the journal's own
  // Why that agent has not told how the instances are; empty: it has, or was not asked.
  std::string not_looked_at{};
};

class Deployer {
 public:
  virtual ~Deployer() = default;
  virtual base::Result<DeploymentResult> deploy(const DeploymentRequest& request,
                                                const Observer& observer, std::stop_token stop) = 0;
  // Finishes what a killed driver left: forward when it was promoted, else back. When nothing was
  // left, looks whether the release that should serve does: `restored` or `unchanged`.
  virtual base::Result<DeploymentResult> resume(const EnvironmentKey& key, const Observer& observer,
                                                std::stop_token stop) = 0;
  // To the current release: as resume().
  virtual base::Result<DeploymentResult> roll_back(const RollbackRequest& request,
                                                   const Observer& observer,
                                                   std::stop_token stop) = 0;
  virtual base::Result<EnvironmentStatus> status(const EnvironmentKey& key) = 0;
  // The same; an agent on whose machine the instances are is asked how they are, for a moment.
  virtual base::Result<EnvironmentStatus> examine(const EnvironmentKey& key) { return status(key); }
  virtual base::Result<std::vector<EnvironmentKey>> environments() = 0;
  // The repository whose pipeline deploys there; empty: nobody's, or not known.
  virtual base::Result<std::string> owner(const EnvironmentKey& key) = 0;
  // Stops instances and switch of an environment and forgets that it served; releases and history
  // stay.
  virtual base::Result<> shut_down(const EnvironmentKey& key, const Observer& observer) = 0;
};

}  // namespace pipeline::deploy
