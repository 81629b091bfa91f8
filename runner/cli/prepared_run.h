// A run before it begins: which tree, which pipeline, which jobs.
#pragma once

#include "pipelines/plan/plan.h"
#include "pipelines/run/event.h"
#include "runner/cli/commands.h"

namespace pipeline::cli {

struct PreparedRun {
  run::RunSpec spec;
  plan::Plan plan;
};

// Chooses the tree (chosen_tree.h) and plans it.
base::Result<PreparedRun> prepare_run(const RunOptions& options, Context& context);

}  // namespace pipeline::cli
