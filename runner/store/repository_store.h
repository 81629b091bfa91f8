// The repositories that a server builds, by the names that people and addresses call them by. A
// port; tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct RepositoryEntry {
  std::string name;
  std::optional<std::string> url{};  // none: it is hosted here
  base::TimePoint added_at;
  bool operator==(const RepositoryEntry&) const = default;
};

class RepositoryStore {
 public:
  virtual ~RepositoryStore() = default;
  // ErrorKind::already_exists when there is one of that name.
  virtual base::Result<> add(const RepositoryEntry& entry) = 0;
  virtual base::Result<std::optional<RepositoryEntry>> find(const std::string& name) = 0;
  // By name.
  virtual base::Result<std::vector<RepositoryEntry>> list() = 0;
  // False when there was none.
  virtual base::Result<bool> remove(const std::string& name) = 0;
};

}  // namespace pipeline::store
