// The toggles of a server's environments, over its API.
#pragma once

#include <memory>

#include "runner/cli/options.h"
#include "runner/cli/toggle_board.h"

namespace pipeline::cli {

base::Result<std::unique_ptr<ToggleBoard>> server_toggles(const ServerChoice& server);

}  // namespace pipeline::cli
