// A store whose process dies in the middle of a call: before the write, or after it and before the
// answer. Or whose disk fails there.
#pragma once

#include "runner/store/run_store.h"
#include "tests/simulation/harness.h"

namespace pipeline::simulation {

// Thrown where kill -9 strikes; whoever drives the simulation drops the process's objects.
struct Killed {};

class MortalStore final : public store::RunStore {
 public:
  // How often its process may still die, and its disk fail; and whether that has just happened.
  struct Fate {
    int lives = 0;
    int failures = 0;
    bool failed = false;
  };
  // `chance`: percent of writes at which one of them happens, while there are any left. Borrows all
  // but that.
  MortalStore(store::RunStore& store, Random& random, std::uint64_t chance, Fate& fate)
      : store_(store), random_(random), chance_(chance), fate_(fate) {}

  base::Result<NewRun> create() override { return store_.create(); }
  base::Result<std::unique_ptr<store::RunLease>> acquire(run::RunId id) override {
    return store_.acquire(id);
  }
  base::Result<> append(run::RunId id, std::span<const run::Event> events) override {
    maybe_die();
    PIPELINE_TRY(maybe_fail());
    PIPELINE_TRY(store_.append(id, events));
    maybe_die();
    return maybe_fail();
  }
  base::Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after) override {
    return store_.events(id, after);
  }
  base::Result<std::vector<store::RunSummary>> list(const store::RunQuery& query) override {
    return store_.list(query);
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
    if (fate_.lives == 0 || !random_.percent(chance_)) return;
    --fate_.lives;
    throw Killed{};
  }
  base::Result<> maybe_fail() {
    if (fate_.failures == 0 || !random_.percent(chance_)) return {};
    --fate_.failures;
    fate_.failed = true;
    return base::fail(base::ErrorKind::io, "the disk fails");
  }

  store::RunStore& store_;
  Random& random_;
  std::uint64_t chance_;
  Fate& fate_;
};

}  // namespace pipeline::simulation
