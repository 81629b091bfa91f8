// What runs of a repository that a server knows say that they are of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/store/paths.h"
#include "runner/store/repository_store.h"

namespace pipeline::serve {

// As RunSpec::repository names it: a URL without credentials, or a canonical path.
std::string repository_key(const store::RepositoryEntry& entry, const store::Paths& paths);
// The one that runs call so; none: it is no repository of this server's.
std::optional<store::RepositoryEntry> repository_with_key(
    const std::vector<store::RepositoryEntry>& all, const std::string& key,
    const store::Paths& paths);

}  // namespace pipeline::serve
