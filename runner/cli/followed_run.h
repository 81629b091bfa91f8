// A stored run that may still be going: its state now, brought up to date by reading the events
// that came since.
#pragma once

#include "runner/engine/stored_plan.h"
#include "runner/store/paths.h"
#include "runner/store/run_store.h"

namespace pipeline::cli {

class FollowedRun {
 public:
  // Both must outlive it.
  static base::Result<FollowedRun> open(run::RunId id, store::RunStore& store,
                                        const store::Paths& paths);

  run::RunId id() const { return id_; }
  const plan::Plan& plan() const { return run_.plan; }
  const run::RunState& state() const { return run_.state; }
  const run::RunSpec& spec() const { return run_.spec; }
  // All so far.
  const std::vector<run::Event>& events() const { return run_.events; }
  // It has ended, or nobody drives it any more.
  bool is_over() const { return is_over_; }
  bool is_driven() const { return is_driven_; }

  base::Result<> refresh();

 private:
  FollowedRun(run::RunId id, engine::StoredRun run, store::RunStore& store,
              const store::Paths& paths)
      : id_(id), run_(std::move(run)), store_(&store), paths_(&paths) {}

  run::RunId id_;
  engine::StoredRun run_;
  store::RunStore* store_;
  const store::Paths* paths_;
  bool is_over_ = false;
  bool is_driven_ = false;
};

}  // namespace pipeline::cli
