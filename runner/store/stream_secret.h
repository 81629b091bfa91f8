// Under what the key is kept in the vault that makes addresses of change streams
// (runner/server/ofrep/stream_ticket.h). No run is given it: what a run is of is a path or a URL,
// which this scope is not.
#pragma once

#include "runner/store/secret_store.h"

namespace pipeline::store {

inline SecretId stream_secret() {
  return {.repository = "change streams of flags", .name = "STREAM_KEY"};
}

}  // namespace pipeline::store
