#include "runner/keeping/garbage.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "runner/keeping/naming.h"
#include "runner/keeping/unnamed_files.h"
#include "runner/store/lease.h"
#include "stages/artifact/artifact_store.h"
#include "stages/host/remove.h"
#include "stages/host/tree_size.h"

namespace pipeline::keeping {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using run::RunId;

namespace {

constexpr std::size_t kAll = std::numeric_limits<std::int32_t>::max();

DigestFiles artifacts_of(const store::Paths& paths) {
  return {paths.artifacts(), ".tar.zst", ".seal"};
}
DigestFiles outputs_of(const store::Paths& paths) {
  return {paths.packed_layers(), "", ""};
}

// What was there when somebody looked.
struct Look {
  std::vector<RunId> gone;  // runs that go
  Named named;              // by all else
};

class Looker {
 public:
  Looker(const GarbageTools& tools, const retention::Policy& policy, base::TimePoint now)
      : tools_(tools), policy_(policy), now_(now) {}

  // A run that is kept may keep others, which may keep others.
  Result<Look> look() {
    Look look;
    PIPELINE_TRY(add_releases(look.named));
    PIPELINE_ASSIGN(const auto runs, known_runs());
    std::set<RunId> read;
    while (true) {
      look.gone = retention::what_goes(runs, look.named.runs, policy_, now_);
      const auto before = look.named.runs.size();
      PIPELINE_TRY(add_kept(runs, look, read));
      if (look.named.runs.size() == before) break;
    }
    PIPELINE_TRY(add_results(look));
    return look;
  }

 private:
  Result<std::vector<retention::KnownRun>> known_runs() {
    PIPELINE_ASSIGN(const auto summaries, tools_.runs.list({.limit = kAll}));
    std::vector<retention::KnownRun> runs;
    runs.reserve(summaries.size());
    for (const store::RunSummary& run : summaries) {
      runs.push_back({run.id, run.repository, run.pipeline, run.finished_at});
      if (!policy_.keep_bytes) continue;
      PIPELINE_ASSIGN(runs.back().bytes, bytes_of(run.id));
    }
    return runs;
  }

  // Its logs and reports, and the artifacts that it made: also those that others name, too.
  Result<std::uint64_t> bytes_of(RunId run) {
    std::uint64_t bytes = host::tree_size(tools_.paths.run(run));
    PIPELINE_ASSIGN(const auto events, tools_.runs.events(run));
    for (const run::Event& event : events)
      if (const auto* const finished = std::get_if<run::JobFinished>(&event.body))
        for (const run::ProducedArtifact& made : finished->artifacts) bytes += made.size;
    return bytes;
  }

  Result<> add_releases(Named& named) {
    PIPELINE_ASSIGN(const auto environments, tools_.journal.environments());
    for (const deploy::EnvironmentKey& key : environments) {
      PIPELINE_ASSIGN(const auto entries, tools_.journal.read(key));
      PIPELINE_ASSIGN(const auto record, rollout::fold(entries));
      named.add(record);
    }
    return {};
  }

  Result<> add_kept(const std::vector<retention::KnownRun>& runs, Look& look,
                    std::set<RunId>& read) {
    for (const retention::KnownRun& run : runs) {
      if (std::ranges::binary_search(look.gone, run.id) || !read.insert(run.id).second) continue;
      PIPELINE_ASSIGN(const auto events, tools_.runs.events(run.id));
      look.named.add(events);
    }
    return {};
  }

  Result<> add_results(Look& look) {
    PIPELINE_ASSIGN(const auto results, tools_.database.results());
    for (const store::CachedResult& result : results)
      if (!std::ranges::binary_search(look.gone, result.from_run)) look.named.add(result);
    return {};
  }

  const GarbageTools& tools_;
  const retention::Policy& policy_;
  const base::TimePoint now_;
};

Result<> go_on(const std::stop_token& stop) {
  if (!stop.stop_requested()) return {};
  return base::fail(Error(ErrorKind::cancelled, "interrupted")
                        .hint("call it again: it goes on with what is left"));
}

class Remover {
 public:
  Remover(const GarbageTools& tools, base::TimePoint now, const std::stop_token& stop)
      : tools_(tools), before_(now - retention::kGrace), stop_(stop) {}

  Result<> remove_runs(const std::vector<RunId>& runs) {
    PIPELINE_TRY(tools_.database.forget_results_of(runs));
    for (const RunId id : runs) {
      PIPELINE_TRY(go_on(stop_));
      auto removed = remove_run(id);
      if (!removed) return base::during(std::move(removed), "remove run " + std::to_string(id));
    }
    return {};
  }

  Result<> remove_files(const Named& named) {
    const DigestFiles artifacts = artifacts_of(tools_.paths);
    PIPELINE_ASSIGN(const auto packed, take_all(artifacts, named));
    const artifact::ArtifactStore store(tools_.paths.artifacts());
    for (const UnnamedFile& file : packed) PIPELINE_TRY(store.forget(file.digest));
    garbage_.artifacts = packed.size();
    PIPELINE_ASSIGN(const auto outputs, take_all(outputs_of(tools_.paths), named));
    garbage_.outputs = outputs.size();
    return {};
  }

  Garbage& garbage() { return garbage_; }

 private:
  // The lease is the last file to go: until the rows have gone nobody else may drive the run.
  Result<> remove_run(RunId id) {
    const auto lease = tools_.runs.acquire(id);
    if (!lease && lease.error().kind() == ErrorKind::conflict) return {};
    if (!lease) return base::fail(lease.error());
    PIPELINE_ASSIGN(const auto events, tools_.runs.events(id));
    // Somebody may have opened it again since we looked.
    if (events.empty() || !std::holds_alternative<run::RunFinished>(events.back().body)) return {};
    const fs::path directory = tools_.paths.run(id);
    garbage_.bytes += host::tree_size(directory);
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator entry(directory, error);
         !error && entry != fs::directory_iterator(); entry.increment(error))
      if (entry->path().filename() != "lease") entries.push_back(entry->path());
    for (const fs::path& entry : entries) PIPELINE_TRY(host::remove_all(entry));
    PIPELINE_TRY(tools_.database.forget(id));
    PIPELINE_TRY(host::remove_all(directory));
    garbage_.runs.push_back(id);
    return {};
  }

  Result<std::vector<UnnamedFile>> take_all(const DigestFiles& files, const Named& named) {
    PIPELINE_TRY(bring_back(files));
    PIPELINE_ASSIGN(const auto unnamed, unnamed_in(files, named.digests, before_));
    std::vector<UnnamedFile> taken;
    for (const UnnamedFile& file : unnamed) {
      PIPELINE_TRY(go_on(stop_));
      PIPELINE_ASSIGN(const bool went, take_away(files, file.digest, before_));
      if (!went) continue;
      garbage_.bytes += file.size;
      taken.push_back(file);
    }
    return taken;
  }

  const GarbageTools& tools_;
  const base::TimePoint before_;
  const std::stop_token& stop_;
  Garbage garbage_;
};

}  // namespace

Result<Garbage> find_garbage(const GarbageTools& tools, const retention::Policy& policy,
                             base::TimePoint now) {
  PIPELINE_ASSIGN(const Look look, Looker(tools, policy, now).look());
  Garbage garbage{.runs = look.gone};
  for (const RunId id : look.gone) garbage.bytes += host::tree_size(tools.paths.run(id));
  const base::TimePoint before = now - retention::kGrace;
  PIPELINE_ASSIGN(const auto artifacts,
                  unnamed_in(artifacts_of(tools.paths), look.named.digests, before));
  PIPELINE_ASSIGN(const auto outputs,
                  unnamed_in(outputs_of(tools.paths), look.named.digests, before));
  for (const auto& files : {artifacts, outputs})
    for (const UnnamedFile& file : files) garbage.bytes += file.size;
  garbage.artifacts = artifacts.size();
  garbage.outputs = outputs.size();
  return garbage;
}

Result<Garbage> remove_garbage(const GarbageTools& tools, const retention::Policy& policy,
                               base::TimePoint now, const std::stop_token& stop) {
  PIPELINE_ASSIGN(const auto lock, store::take_keeping_lock(tools.paths));
  PIPELINE_ASSIGN(const Look first, Looker(tools, policy, now).look());
  Remover remover(tools, now, stop);
  PIPELINE_TRY(remover.remove_runs(first.gone));
  // Anew: what began meanwhile names what it found, and a run that was opened again is kept.
  PIPELINE_ASSIGN(Look second, Looker(tools, policy, now).look());
  for (const RunId id : second.gone) {
    const auto events = tools.runs.events(id);
    if (events) second.named.add(*events);
  }
  PIPELINE_TRY(remover.remove_files(second.named));
  return std::move(remover.garbage());
}

}  // namespace pipeline::keeping
