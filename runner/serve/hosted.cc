#include "runner/serve/hosted.h"

namespace pipeline::serve {

std::string address_of(const store::RepositoryEntry& entry, const store::Paths& paths) {
  return entry.url.value_or(paths.repository(entry.name).string());
}

base::Error no_repository(const std::string& name) {
  return base::Error(base::ErrorKind::not_found, "there is no repository \"" + name + "\"")
      .hint("pipeline repo add " + name + " makes it known");
}

base::Result<std::string> address_of_repository(const std::string& name,
                                                store::RepositoryStore& repositories,
                                                const store::Paths& paths) {
  PIPELINE_ASSIGN(const auto known, repositories.find(name));
  if (known) return address_of(*known, paths);
  return base::fail(no_repository(name));
}

}  // namespace pipeline::serve
