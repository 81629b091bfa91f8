// Runs and their events, durably. One process writes a run (the holder of its lease); any number
// read.
//
// A call that returned success survives kill -9. A power cut may take the last moments of a run
// that is still going (its jobs died with the machine anyway) but never leaves half a call, and
// never takes anything of a run that has finished: the append of RunFinished flushes all before it.
// Threads: an object belongs to one thread; several objects, in several processes, may share one
// store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::store {

// Held while a process drives a run; the operating system frees it when that process dies, however
// it dies.
class RunLease {
 public:
  virtual ~RunLease() = default;
};

struct RunSummary {
  run::RunId id = 0;
  std::string pipeline;
  std::string repository;
  std::string branch;
  std::string commit;
  run::RunStatus status =
      run::RunStatus::created;  // interrupted when nobody holds the lease of an unfinished run
  std::string reason;
  base::TimePoint created_at;
  std::optional<base::TimePoint> finished_at;
  bool detached = false;  // it goes on without the terminal that started it
};

// Which runs a listing is of: those that fit all that is said.
struct RunQuery {
  std::optional<run::RunId> before{};  // older than that one
  std::optional<std::string> pipeline{};
  std::optional<std::string> repository{};
  std::optional<std::string> branch{};
  std::optional<run::RunStatus> status{};  // as a summary tells it
  std::size_t limit = 20;
  std::optional<std::vector<std::string>> repositories{};  // one of these
};

struct CachedResult {
  run::RunId from_run = 0;
  std::optional<base::Digest> outputs;
  std::vector<run::ProducedArtifact> artifacts;
  std::optional<report::TestSummary> tests{};
  // Which attempt of from_run left the whole report; no job: none did.
  std::string from_job{};
  std::uint32_t from_attempt = 0;
};

class RunStore {
 public:
  virtual ~RunStore() = default;

  // Reserves the next number and its lease. Nothing else is stored until the first append; a lease
  // that goes before it leaves nothing behind.
  struct NewRun {
    run::RunId id = 0;
    std::unique_ptr<RunLease> lease;
  };
  virtual base::Result<NewRun> create() = 0;
  // Takes an existing run over; ErrorKind::conflict while somebody drives it.
  virtual base::Result<std::unique_ptr<RunLease>> acquire(run::RunId id) = 0;

  // Appends all or none, in one durable transaction. The first event of a run is RunCreated.
  // ErrorKind::conflict when the sequence numbers do not follow the stored ones, or when this
  // object has not given out the run's lease.
  virtual base::Result<> append(run::RunId id, std::span<const run::Event> events) = 0;
  // From `after` + 1 on, oldest first. ErrorKind::not_found for an unknown run.
  virtual base::Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after = 0) = 0;
  // Newest first.
  virtual base::Result<std::vector<RunSummary>> list(const RunQuery& query) = 0;

  // Results of earlier successes by result key (stages with `inputs`).
  virtual base::Result<std::optional<CachedResult>> find_cached(const base::Digest& key) = 0;
  virtual base::Result<> save_cached(const base::Digest& key, const CachedResult& result) = 0;
};

}  // namespace pipeline::store
