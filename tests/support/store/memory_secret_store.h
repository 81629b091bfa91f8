// A SecretStore in memory, held to the same contract as the one on SQLite. Its contents outlive
// the object, as a disk outlives a process.
#pragma once

#include <map>
#include <utility>

#include "runner/store/secret_store.h"

namespace pipeline::support {

// Must outlive the stores on it. By repository (empty: all of them) and name.
using MemorySecrets =
    std::map<std::pair<std::string, std::string>, std::pair<std::string, base::TimePoint>>;

class MemorySecretStore final : public store::SecretStore {
 public:
  explicit MemorySecretStore(MemorySecrets& secrets) : secrets_(secrets) {}

  base::Result<> put(const store::SecretEntry& entry, const std::string& sealed) override {
    secrets_[key_of(entry.id)] = {sealed, entry.set_at};
    return {};
  }
  base::Result<std::optional<std::string>> find(const store::SecretId& id) override {
    const auto found = secrets_.find(key_of(id));
    if (found == secrets_.end()) return std::optional<std::string>();
    return std::optional(found->second.first);
  }
  base::Result<std::vector<store::SecretEntry>> list() override {
    std::vector<store::SecretEntry> entries;
    for (const auto& [key, value] : secrets_) {
      store::SecretEntry entry{{std::nullopt, key.second}, value.second};
      if (!key.first.empty()) entry.id.repository = key.first;
      entries.push_back(std::move(entry));
    }
    return entries;
  }
  base::Result<bool> remove(const store::SecretId& id) override {
    return secrets_.erase(key_of(id)) > 0;
  }

 private:
  static MemorySecrets::key_type key_of(const store::SecretId& id) {
    return {id.repository.value_or(""), id.name};
  }

  MemorySecrets& secrets_;
};

}  // namespace pipeline::support
