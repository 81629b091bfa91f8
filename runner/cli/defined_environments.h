// The environments that a server defines for a repository, asked of it from here.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "pipelines/config/server_environment.h"
#include "runner/cli/options.h"

namespace pipeline::cli {

// Where they are below /api/v1.
std::string environments_path(const std::string& repository);

// `repository`: its name there.
base::Result<config::ServerEnvironments> environments_defined_at(const ServerChoice& server,
                                                                 const std::string& repository);

}  // namespace pipeline::cli
