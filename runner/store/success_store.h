// Which runs have succeeded without anybody having looked yet what their success starts. A port;
// tests/contract/runner/store is its contract.
//
// A call is one transaction; what it changed survives a power cut once it has returned. Threads: an
// object belongs to one thread.
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::store {

class SuccessStore {
 public:
  virtual ~SuccessStore() = default;
  // Oldest first.
  virtual base::Result<std::vector<run::RunId>> unseen() = 0;
  // From now on it is none of them, whatever becomes of it.
  virtual base::Result<> saw(run::RunId run) = 0;
};

}  // namespace pipeline::store
