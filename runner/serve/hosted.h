// Where the repositories are that a server knows by name.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

// Its url, or where this server hosts it.
std::string address_of(const store::RepositoryEntry& entry, const store::Paths& paths);
// ErrorKind::not_found, with a hint.
base::Error no_repository(const std::string& name);
// no_repository() when it is not known.
base::Result<std::string> address_of_repository(const std::string& name,
                                                store::RepositoryStore& repositories,
                                                const store::Paths& paths);

}  // namespace pipeline::serve
