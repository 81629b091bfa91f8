#include "runner/serve/scheduled_repositories.h"

#include "runner/cli/tree_pipelines.h"
#include "runner/engine/stored_plan.h"
#include "runner/serve/hosted.h"
#include "stages/source/refs.h"

namespace pipeline::serve {

namespace {

using base::ErrorKind;
using base::Result;
using run::RunId;

// Runs that began after a firing was due, and before it is looked whether one did.
constexpr std::size_t kMostSince = 10'000;

void add_triggers(const std::string& repository, const cli::PipelineText& text,
                  const cli::PipelineLookup& lookup, FoundSchedules& found,
                  std::set<std::string>& upstreams) {
  const config::ReadResult read = config::read_pipeline(text.text, lookup.beside);
  if (!read.pipeline) {
    found.troubles.push_back(text.file + " has mistakes: no schedule of it fires");
    return;
  }
  for (const model::Schedule& schedule : read.pipeline->triggers.schedules)
    found.schedules.push_back({{repository, text.file, schedule.name}, schedule});
  for (const model::Upstream& upstream : read.pipeline->triggers.upstreams)
    if (!upstream.repository.empty()) upstreams.insert(upstream.repository);
}

}  // namespace

Result<store::RepositoryEntry> ScheduledRepositories::entry_of(const std::string& repository) {
  PIPELINE_ASSIGN(auto entry, repositories_.find(repository));
  if (!entry)
    return base::fail(ErrorKind::not_found, "there is no repository \"" + repository + "\"");
  return *std::move(entry);
}

Result<std::optional<source::Revision>> ScheduledRepositories::head_of(
    const store::RepositoryEntry& entry) {
  if (!entry.url) {
    PIPELINE_ASSIGN(const auto refs, source::refs_at(paths_.repository(entry.name).string()));
    if (refs.empty()) return std::optional<source::Revision>();
  }
  PIPELINE_ASSIGN(source::Source* const source, services_.source());
  auto head = source->fetch(address_of(entry, paths_), "", nullptr);
  if (head) return std::optional(*std::move(head));
  // A repository that is known may come back, whatever is wrong with it now: a firing waits for it.
  return base::fail(ErrorKind::unavailable, head.error().to_string());
}

Result<FoundSchedules> ScheduledRepositories::read(const std::string& repository) {
  PIPELINE_ASSIGN(const store::RepositoryEntry entry, entry_of(repository));
  PIPELINE_ASSIGN(const auto head, head_of(entry));
  FoundSchedules found;
  std::set<std::string> upstreams;
  if (!head) return found;
  PIPELINE_ASSIGN(source::Source* const source, services_.source());
  PIPELINE_ASSIGN(const auto files, cli::pipeline_files_in(*source, *head));
  PIPELINE_ASSIGN(const cli::PipelineLookup lookup, cli::lookup_in(services_, *head));
  for (const std::string& file : files) {
    PIPELINE_ASSIGN(const cli::PipelineText text, cli::read_from(*source, *head, file));
    add_triggers(repository, text, lookup, found, upstreams);
  }
  on_upstreams_(repository, std::move(upstreams));
  return found;
}

Result<RunId> ScheduledRepositories::begin(const store::ScheduleKey& key, base::TimePoint at) {
  PIPELINE_ASSIGN(const store::RepositoryEntry entry, entry_of(key.repository));
  PIPELINE_ASSIGN(const auto head, head_of(entry));
  if (!head) return base::fail(ErrorKind::not_found, key.repository + " has no commit");
  PIPELINE_ASSIGN(const RunId begun, begun_already(*head, key, at));
  if (begun != 0) return begun;
  cli::RunOptions options;
  options.tree.repository = address_of(entry, paths_);
  options.tree.pipeline = key.pipeline_file;
  options.detach = true;
  options.cause = "schedule " + key.schedule;
  return runs_.begin_triggered(
      std::move(options), {.event = cli::EventName::schedule, .schedule = key.schedule, .due = at});
}

Result<RunId> ScheduledRepositories::begun_already(const source::Revision& head,
                                                   const store::ScheduleKey& key,
                                                   base::TimePoint at) {
  PIPELINE_ASSIGN(store::RunStore* const runs, services_.runs());
  PIPELINE_ASSIGN(const auto newest,
                  runs->list({.repository = head.repository, .limit = kMostSince}));
  const run::ScheduledFiring firing{key.schedule, at};
  for (const store::RunSummary& summary : newest) {
    if (summary.created_at < at) break;
    PIPELINE_ASSIGN(const run::RunSpec spec, engine::load_spec(*runs, summary.id));
    if (spec.firing == firing && spec.pipeline_file == key.pipeline_file) return summary.id;
  }
  return RunId{0};
}

}  // namespace pipeline::serve
