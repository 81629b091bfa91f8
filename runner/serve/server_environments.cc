#include "runner/serve/server_environments.h"

#include "runner/serve/hosted.h"

namespace pipeline::serve {

base::Result<config::ServerEnvironments> environments_at(const std::string& address,
                                                         store::RepositoryStore& repositories,
                                                         store::EnvironmentStore& environments,
                                                         const store::Paths& paths) {
  PIPELINE_ASSIGN(const auto all, repositories.list());
  config::ServerEnvironments found;
  for (const store::RepositoryEntry& repository : all) {
    if (address_of(repository, paths) != address) continue;
    PIPELINE_ASSIGN(auto defined, environments.list(repository.name));
    for (store::EnvironmentEntry& entry : defined)
      found.emplace(std::move(entry.environment), std::move(entry.text));
  }
  return found;
}

}  // namespace pipeline::serve
