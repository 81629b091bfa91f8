// Under what the token of a repository's forge is kept in the vault. No run is given it: what a run
// is of is a path or a URL, which this scope is not.
#pragma once

#include <string>

#include "runner/store/secret_store.h"

namespace pipeline::store {

// `repository` is its name on the server.
inline SecretId forge_token_of(const std::string& repository) {
  return {.repository = "forge of " + repository, .name = "FORGE_TOKEN"};
}

}  // namespace pipeline::store
