// Where the environments are that a command is about: on this machine, or on the server that
// --server or PIPELINE_SERVER names; and how commands that go on with them are written then.
#pragma once

#include <memory>

#include "runner/cli/commands.h"
#include "runner/cli/environment_desk.h"
#include "runner/cli/render/command_place.h"

namespace pipeline::cli {

struct DeskPlace {
  std::unique_ptr<EnvironmentDesk> desk;
  render::CommandPlace commands;
};

// The context must outlive it. Opening the deployer of this machine may start threads.
base::Result<DeskPlace> open_desk_place(const ServerChoice& choice, const Context& context);

}  // namespace pipeline::cli
