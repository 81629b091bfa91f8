// The toggles of environments of this machine.
#pragma once

#include <memory>

#include "runner/cli/toggle_board.h"

namespace pipeline::cli {

// The context must outlive it.
base::Result<std::unique_ptr<ToggleBoard>> local_toggles(const Context& context);

}  // namespace pipeline::cli
