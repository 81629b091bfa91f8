// The whole command line program but for its parts: parses, dispatches, prints errors.
#pragma once

#include <string>
#include <vector>

#include "runner/cli/services.h"

namespace pipeline::cli {

// The exit code of the process. `arguments` without the program's own name.
int run_program(std::vector<std::string> arguments, Services& services);

}  // namespace pipeline::cli
