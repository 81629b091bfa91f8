// A RunStore in memory, as strict as the one on SQLite: it refuses the same misuse, keeps events in
// their stored form, and its contents outlive the object, as a disk outlives a process. For
// simulations and tests of what uses a store; tests/contract runs over it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/store/run_store.h"

namespace pipeline::support {

// What survives the death of a process. Must outlive the stores and leases made on it.
struct MemoryDisk {
  struct StoredRun {
    store::RunSummary summary;
    std::vector<std::string> events;  // JSON lines
  };
  std::map<run::RunId, StoredRun> runs;
  std::map<base::Digest, std::string> results;
  std::set<run::RunId> leases;  // held now; empty it to play the death of their holders
  run::RunId last_id = 0;
  // Appends that still succeed before the disk is full; none: no limit.
  std::optional<std::size_t> room;
};

class MemoryRunStore final : public store::RunStore {
 public:
  explicit MemoryRunStore(MemoryDisk& disk) : disk_(disk) {}

  base::Result<NewRun> create() override;
  base::Result<std::unique_ptr<store::RunLease>> acquire(run::RunId id) override;
  base::Result<> append(run::RunId id, std::span<const run::Event> events) override;
  base::Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after = 0) override;
  base::Result<std::vector<store::RunSummary>> list(const store::RunQuery& query) override;
  base::Result<std::optional<store::CachedResult>> find_cached(const base::Digest& key) override;
  base::Result<> save_cached(const base::Digest& key, const store::CachedResult& result) override;

 private:
  base::Result<> take_room();

  MemoryDisk& disk_;
  std::shared_ptr<std::set<run::RunId>> held_ = std::make_shared<std::set<run::RunId>>();
};

}  // namespace pipeline::support
