// The store of secrets, as sealed bytes: it keeps them and knows neither key nor value. A port;
// tests/contract/runner/store is its contract.
//
// Several processes may have one open on the same storage: a call is one transaction, the last
// writer of a secret wins, and nobody's other secrets are touched. Threads: an object belongs to
// one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::store {

struct SecretId {
  std::optional<std::string> repository;  // as RunSpec::repository; none: of all repositories
  std::string name;
  bool operator==(const SecretId&) const = default;
};

struct SecretEntry {
  SecretId id;
  base::TimePoint set_at;
  bool operator==(const SecretEntry&) const = default;
};

class SecretStore {
 public:
  virtual ~SecretStore() = default;
  // Takes the place of what was there. Survives a power cut once it has returned.
  virtual base::Result<> put(const SecretEntry& entry, const std::string& sealed) = 0;
  virtual base::Result<std::optional<std::string>> find(const SecretId& id) = 0;
  // Those of all repositories first, then by repository; by name among them.
  virtual base::Result<std::vector<SecretEntry>> list() = 0;
  // False when there was none.
  virtual base::Result<bool> remove(const SecretId& id) = 0;
};

}  // namespace pipeline::store
