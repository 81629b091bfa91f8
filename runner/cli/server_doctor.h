// What a client sees of a server: whether it is reached and trusted, whom it takes us for, and what
// it says of itself.
#pragma once

#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/cli/finding.h"
#include "runner/cli/options.h"

namespace pipeline::cli {

// Fails when it is not known which server, or with which token. That one cannot be reached is a
// finding.
base::Result<std::vector<Finding>> look_at_server(const ServerChoice& server,
                                                  const base::Clock& clock);

}  // namespace pipeline::cli
