// What people and machines changed on a server, in the order in which they did. Nothing is ever
// taken out of it or changed. A port; tests/contract/runner/store is its contract.
//
// A call is one transaction; what it added survives a power cut once it has returned. Threads: an
// object belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct AuditEntry {
  std::uint64_t number = 0;  // 1, 2, 3 …: the store's to choose
  base::TimePoint at;
  std::string who;      // the name of the token
  std::string peer;     // the address that it called from
  std::string action;   // "POST /api/v1/runs"
  std::string detail;   // what of it the address does not say, for a person; may be empty
  unsigned status = 0;  // what it was answered with: below 400 it was done
  bool operator==(const AuditEntry&) const = default;
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  // The entry's number is not looked at.
  virtual base::Result<> add(const AuditEntry& entry) = 0;
  // Those after that number, oldest first, at most `limit`.
  virtual base::Result<std::vector<AuditEntry>> list(std::uint64_t after, std::size_t limit) = 0;
  // The number of the newest; 0: there is none.
  virtual base::Result<std::uint64_t> newest() = 0;
};

}  // namespace pipeline::store
