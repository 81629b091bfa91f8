// Under what the secret of a repository's webhook is kept in the vault. No run is given it: what a
// run is of is a path or a URL, which this scope is not.
#pragma once

#include <string>

#include "runner/store/secret_store.h"

namespace pipeline::store {

// `repository` is its name on the server.
inline SecretId webhook_secret_of(const std::string& repository) {
  return {.repository = "webhook of " + repository, .name = "WEBHOOK_SECRET"};
}

}  // namespace pipeline::store
