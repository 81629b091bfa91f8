// A stored run that may still be going: its state now, brought up to date by reading the events
// that came since.
#pragma once

#include "runner/cli/run_reader.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

class FollowedRun {
 public:
  // `runs` must outlive it. ErrorKind::invalid for a run that there is not.
  static base::Result<FollowedRun> open(run::RunId id, RunReader& runs);

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
  FollowedRun(run::RunId id, engine::StoredRun run, RunReader& runs)
      : id_(id), run_(std::move(run)), runs_(&runs) {}

  run::RunId id_;
  engine::StoredRun run_;
  RunReader* runs_;
  bool is_over_ = false;
  bool is_driven_ = false;
};

}  // namespace pipeline::cli
