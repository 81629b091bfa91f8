// The environments of this machine.
#pragma once

#include <memory>

#include "runner/cli/commands.h"
#include "runner/cli/environment_desk.h"

namespace pipeline::cli {

// The context must outlive it. Opens the deployer.
base::Result<std::unique_ptr<EnvironmentDesk>> local_desk(const Context& context);

}  // namespace pipeline::cli
