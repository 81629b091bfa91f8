// A store whose process dies in the middle of a call: before the write, or after it and before the
// answer.
#pragma once

#include "runner/store/run_store.h"
#include "tests/simulation/harness.h"

namespace pipeline::simulation {

// Thrown where kill -9 strikes; whoever drives the simulation drops the process's objects.
struct Killed {};

class MortalStore final : public store::RunStore {
 public:
  // `chance`: percent of writes that kill, while `lives` lasts. Borrows all three.
  MortalStore(store::RunStore& store, Random& random, std::uint64_t chance, int& lives)
      : store_(store), random_(random), chance_(chance), lives_(lives) {}

  base::Result<NewRun> create() override { return store_.create(); }
  base::Result<std::unique_ptr<store::RunLease>> acquire(run::RunId id) override {
    return store_.acquire(id);
  }
  base::Result<> append(run::RunId id, std::span<const run::Event> events) override {
    maybe_die();
    auto appended = store_.append(id, events);
    maybe_die();
    return appended;
  }
  base::Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after) override {
    return store_.events(id, after);
  }
  base::Result<std::vector<store::RunSummary>> list(std::size_t limit) override {
    return store_.list(limit);
  }
  base::Result<std::optional<store::CachedResult>> find_cached(const base::Digest& key) override {
    return store_.find_cached(key);
  }
  base::Result<> save_cached(const base::Digest& key, const store::CachedResult& result) override {
    maybe_die();
    return store_.save_cached(key, result);
  }

 private:
  void maybe_die() {
    if (lives_ == 0 || !random_.percent(chance_)) return;
    --lives_;
    throw Killed{};
  }

  store::RunStore& store_;
  Random& random_;
  std::uint64_t chance_;
  int& lives_;
};

}  // namespace pipeline::simulation
