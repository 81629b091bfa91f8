// Where the runs are that a command is about: on this machine, or on the server that --server or
// PIPELINE_SERVER names; and how commands that go on with them are written then.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "runner/cli/commands.h"
#include "runner/cli/render/command_place.h"
#include "runner/cli/run_reader.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

// Whether a command with these options is about a server's runs.
bool is_of_server(const ServerChoice& choice);

// "pipeline show 3" is about this machine, unless PIPELINE_SERVER says otherwise.
render::CommandPlace commands_here();
render::CommandPlace commands_of(const ServerChoice& choice);

struct RunPlace {
  std::unique_ptr<RunReader> runs;
  render::CommandPlace commands;
  // Whose runs are meant where nothing else is said; none: those of all.
  std::optional<std::string> repository;
  // How long somebody waits who follows what has no end yet.
  std::chrono::milliseconds patience;
};

// The context must outlive it. ErrorKind::invalid as settings_of().
base::Result<RunPlace> open_run_place(const ServerChoice& choice, const Context& context);

// A run that the user named by its number: ErrorKind::invalid when there is none.
base::Result<engine::StoredRun> load_run(RunReader& runs, run::RunId id);

}  // namespace pipeline::cli
