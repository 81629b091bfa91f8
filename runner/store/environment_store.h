// Environments that the server itself defines for repositories (pipelines/config/
// server_environment.h). A port; tests/contract/runner/store is its contract.
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

struct EnvironmentEntry {
  std::string repository;  // its name on the server
  std::string environment;
  std::string text;  // TOML
  std::string set_by;
  base::TimePoint set_at;
  bool operator==(const EnvironmentEntry&) const = default;
};

class EnvironmentStore {
 public:
  virtual ~EnvironmentStore() = default;
  // Instead of the one that was there.
  virtual base::Result<> set(const EnvironmentEntry& entry) = 0;
  virtual base::Result<std::optional<EnvironmentEntry>> find(const std::string& repository,
                                                             const std::string& environment) = 0;
  // Of the repository, by name.
  virtual base::Result<std::vector<EnvironmentEntry>> list(const std::string& repository) = 0;
  // False when there was none.
  virtual base::Result<bool> remove(const std::string& repository,
                                    const std::string& environment) = 0;
  // All of that repository: it is not known any more.
  virtual base::Result<> forget(const std::string& repository) = 0;
};

}  // namespace pipeline::store
