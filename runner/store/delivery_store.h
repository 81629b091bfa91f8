// Which deliveries of webhooks have come: one that comes again is known by its id. A port;
// tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  virtual base::Result<bool> has(const std::string& repository, const std::string& id) = 0;
  // False when this one of the repository's has come before.
  virtual base::Result<bool> accept(const std::string& repository, const std::string& id,
                                    base::TimePoint at) = 0;
  // Those that came before then; of every repository.
  virtual base::Result<> forget_before(base::TimePoint at) = 0;
  // All of the repository's.
  virtual base::Result<> forget(const std::string& repository) = 0;
};

}  // namespace pipeline::store
