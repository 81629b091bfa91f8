// The environments that a server defines for a repository, as its runs are planned with them.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "pipelines/config/server_environment.h"
#include "runner/store/environment_store.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

// `address`: what runs call the repository by. One that several names lead to has the environments
// of all of them, of the same name those of the first.
base::Result<config::ServerEnvironments> environments_at(const std::string& address,
                                                         store::RepositoryStore& repositories,
                                                         store::EnvironmentStore& environments,
                                                         const store::Paths& paths);

}  // namespace pipeline::serve
