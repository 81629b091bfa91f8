// A run before it begins: which tree, which pipeline, which jobs.
#pragma once

#include <optional>

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

// The run that the event starts; none when the pipeline is not started by it.
base::Result<std::optional<PreparedRun>> prepare_triggered(const RunOptions& options,
                                                           const EventWish& event,
                                                           Context& context);

}  // namespace pipeline::cli
