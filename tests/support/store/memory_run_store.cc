#include "tests/support/store/memory_run_store.h"

#include "pipelines/run/event_json.h"
#include "runner/store/run_summary.h"

namespace pipeline::support {

namespace {

using base::ErrorKind;
using base::Result;

class MemoryLease final : public store::RunLease {
 public:
  MemoryLease(MemoryDisk& disk, std::shared_ptr<std::set<run::RunId>> held, run::RunId id)
      : disk_(disk), held_(std::move(held)), id_(id) {
    disk_.leases.insert(id_);
    held_->insert(id_);
  }
  ~MemoryLease() override {
    disk_.leases.erase(id_);
    held_->erase(id_);
  }
  MemoryLease(const MemoryLease&) = delete;
  MemoryLease& operator=(const MemoryLease&) = delete;

 private:
  MemoryDisk& disk_;
  std::shared_ptr<std::set<run::RunId>> held_;
  run::RunId id_;
};

}  // namespace

Result<store::RunStore::NewRun> MemoryRunStore::create() {
  const run::RunId id = ++disk_.last_id;
  PIPELINE_ASSIGN(auto lease, acquire(id));
  return NewRun{id, std::move(lease)};
}

Result<std::unique_ptr<store::RunLease>> MemoryRunStore::acquire(run::RunId id) {
  if (disk_.leases.contains(id)) {
    return base::fail(ErrorKind::conflict, "another process drives it");
  }
  return std::make_unique<MemoryLease>(disk_, held_, id);
}

Result<> MemoryRunStore::take_room() {
  if (!disk_.room) return {};
  if (*disk_.room == 0) return base::fail(ErrorKind::exhausted, "no space left on the device");
  --*disk_.room;
  return {};
}

Result<> MemoryRunStore::append(run::RunId id, std::span<const run::Event> events) {
  if (!held_->contains(id)) return base::fail(store::not_driven_here(id));
  if (events.empty()) return {};
  const auto known = disk_.runs.find(id);
  const std::size_t last = known == disk_.runs.end() ? 0 : known->second.events.size();
  PIPELINE_TRY(store::check_sequence(id, last, events));
  PIPELINE_TRY(take_room());
  MemoryDisk::StoredRun& stored = disk_.runs[id];
  stored.summary.id = id;
  for (const run::Event& event : events) {
    store::update_summary(stored.summary, event);
    stored.events.push_back(run::to_json(event));
  }
  return {};
}

Result<std::vector<run::Event>> MemoryRunStore::events(run::RunId id, std::uint64_t after) {
  const auto known = disk_.runs.find(id);
  if (known == disk_.runs.end()) return base::fail(store::unknown_run(id));
  std::vector<run::Event> events;
  for (std::size_t i = after; i < known->second.events.size(); ++i) {
    PIPELINE_ASSIGN(run::Event event, run::event_from_json(known->second.events[i]));
    events.push_back(std::move(event));
  }
  return events;
}

Result<std::vector<store::RunSummary>> MemoryRunStore::list(const store::RunQuery& query) {
  std::vector<store::RunSummary> runs;
  for (auto run = disk_.runs.rbegin(); run != disk_.runs.rend(); ++run) {
    if (runs.size() == query.limit) break;
    store::RunSummary summary = run->second.summary;
    const bool open = !run::is_terminal(summary.status);
    if (open && !disk_.leases.contains(run->first)) store::mark_interrupted(summary);
    if (store::fits(summary, query)) runs.push_back(std::move(summary));
  }
  return runs;
}

Result<std::optional<store::CachedResult>> MemoryRunStore::find_cached(const base::Digest& key) {
  const auto found = disk_.results.find(key);
  if (found == disk_.results.end()) return std::nullopt;
  PIPELINE_ASSIGN(const run::Event event, run::event_from_json(found->second));
  const auto& cached = std::get<run::JobCached>(event.body);
  return store::CachedResult{cached.from_run, cached.outputs,  cached.artifacts,
                             cached.tests,    cached.from_job, cached.from_attempt};
}

Result<> MemoryRunStore::save_cached(const base::Digest& key, const store::CachedResult& result) {
  PIPELINE_TRY(take_room());
  disk_.results[key] =
      run::to_json({0,
                    {},
                    run::JobCached{"", result.outputs, result.artifacts, result.from_run,
                                   result.tests, result.from_job, result.from_attempt}});
  return {};
}

}  // namespace pipeline::support
