// The gate of a run of a concurrency group: its place in the group's queue.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "runner/engine/engine.h"
#include "runner/engine/run_gate.h"
#include "runner/store/group_queue.h"

namespace pipeline::cli {

// Asks a run that this process drives to stop; false when it drives no such run. None: it drives
// but one.
using StopHere = std::function<bool(run::RunId run)>;

class GroupGate final : public engine::RunGate {
 public:
  // Joins the queue; null for a run that does not wait for a group. `store` outlives it.
  static base::Result<std::unique_ptr<GroupGate>> join(const store::Paths& paths,
                                                       store::RunStore& store,
                                                       const engine::Engine& engine,
                                                       StopHere stop_here = {});

  base::Result<Look> look() override;
  std::string why_interrupted() override;

 private:
  GroupGate(store::Paths paths, store::RunStore& store, std::string group,
            model::Superseded superseded, std::unique_ptr<store::GroupQueue> queue,
            StopHere stop_here);
  void end_those_before(const store::GroupWait& wait);

  store::Paths paths_;
  store::RunStore& store_;
  std::string group_;
  model::Superseded superseded_;
  std::unique_ptr<store::GroupQueue> queue_;
  StopHere stop_here_;
  std::set<run::RunId> asked_;  // to stop: a second signal would kill
};

}  // namespace pipeline::cli
