#include "runner/serve/followers.h"

#include "runner/engine/stored_plan.h"
#include "runner/serve/repository_key.h"

namespace pipeline::serve {

namespace {

using base::ErrorKind;
using base::Result;
using run::RunId;
using run::RunSpec;

constexpr std::chrono::seconds kAfterTrouble{5};
constexpr std::chrono::hours kUnasked{1};
// What succeeded longer ago starts nothing any more: of a server that was down for long.
constexpr std::chrono::hours kFresh{24};
// No server has as many pipelines in a row.
constexpr int kLongestChain = 100;
constexpr std::size_t kMostSince = 10'000;

// Nobody of the project has vouched for what a stranger's run says.
bool may_be_followed(const RunSpec& spec) {
  return !spec.parent && !spec.facts.untrusted && !spec.facts.dirty &&
         spec.facts.event != "pull_request";
}

cli::EventWish event_of(RunId run, const RunSpec& spec) {
  cli::EventWish event;
  event.event = cli::EventName::pipeline;
  event.upstream = spec.pipeline;
  event.branch = spec.facts.branch;
  event.after = run;
  return event;
}

}  // namespace

bool Followers::is_news(const run::Event& event) {
  const auto* const finished = std::get_if<run::RunFinished>(&event.body);
  return finished != nullptr && finished->status == run::RunStatus::succeeded;
}

void Followers::waits_for(const std::string& repository, std::set<std::string> others) {
  const std::scoped_lock guard(mutex_);
  waits_for_.insert_or_assign(repository, std::move(others));
}

bool Followers::may_wait_for(const std::string& repository, const std::string& other) {
  const std::scoped_lock guard(mutex_);
  const auto found = waits_for_.find(repository);
  return found == waits_for_.end() || found->second.contains(other);
}

base::TimePoint Followers::advance() {
  const base::TimePoint now = parts_.clock.now();
  const auto runs = parts_.successes.unseen();
  if (!runs) {
    parts_.tell("what has succeeded cannot be seen: " + runs.error().to_string());
    return now + kAfterTrouble;
  }
  bool is_done = true;
  for (const RunId run : *runs) {
    const auto followed = follow(run);
    const bool is_later = !followed && followed.error().kind() == ErrorKind::unavailable;
    if (!followed) tell(run, followed.error());
    const auto saw = is_later ? Result<>() : parts_.successes.saw(run);
    is_done = is_done && !is_later && saw.has_value();
    if (!is_later && saw) tried_.erase(run);
  }
  if (!is_done) return now + kAfterTrouble;
  is_first_ = false;
  return now + kUnasked;
}

void Followers::tell(RunId run, const base::Error& error) const {
  const bool is_later = error.kind() == ErrorKind::unavailable;
  parts_.tell("what run " + std::to_string(run) +
              (is_later ? " starts has to wait: " : " starts is not known: ") + error.to_string());
}

Result<> Followers::follow(RunId run) {
  PIPELINE_ASSIGN(const auto events, parts_.runs.events(run));
  if (events.empty() || events.back().at < parts_.clock.now() - kFresh) return {};
  PIPELINE_ASSIGN(const RunSpec spec, engine::spec_in(events, run));
  if (!may_be_followed(spec)) return {};
  PIPELINE_ASSIGN(auto files, before(spec));
  if (is_first_ || tried_.contains(run)) {
    PIPELINE_ASSIGN(files, already_begun(run, std::move(files)));
  }
  PIPELINE_ASSIGN(const auto repositories, parts_.repositories.list());
  const auto own = repository_with_key(repositories, spec.repository, parts_.paths);
  if (!own) return {};
  std::set<std::string>& given_up = tried_[run];
  std::optional<base::Error> away;
  for (const store::RepositoryEntry& entry : repositories) {
    Follow follow{.repository = entry, .commit = {}, .event = event_of(run, spec), .not_these = {}};
    if (entry.name == own->name) {
      follow.commit = spec.facts.commit;
      follow.event.from = spec.facts.branch;
      follow.event.tag = spec.facts.tag;
    } else {
      follow.event.upstream_repository = own->name;
      if (!may_wait_for(entry.name, own->name)) continue;
    }
    const std::string key = repository_key(entry, parts_.paths);
    for (const auto& [repository, file] : files)
      if (repository == key) follow.not_these.insert(file);
    if (given_up.contains(entry.name)) continue;
    const auto begun = parts_.begin(follow);
    if (begun) continue;
    if (begun.error().kind() == ErrorKind::unavailable) {
      away = begun.error();
    } else {
      tell(run, begun.error());
      given_up.insert(entry.name);
    }
  }
  if (away) return base::fail(*away);
  return {};
}

// Itself, what it was started by, and so on.
Result<std::set<Followers::File>> Followers::before(const RunSpec& spec) {
  std::set<File> files = {{spec.repository, spec.pipeline_file}};
  std::optional<RunId> earlier = spec.after;
  for (int i = 0; earlier && i < kLongestChain; ++i) {
    const auto cause = engine::load_spec(parts_.runs, *earlier);
    if (!cause) {
      // It has been removed: what came before is not known any more.
      if (cause.error().kind() == ErrorKind::not_found) break;
      return base::fail(cause.error());
    }
    files.emplace(cause->repository, cause->pipeline_file);
    earlier = cause->after;
  }
  return files;
}

Result<std::set<Followers::File>> Followers::already_begun(RunId run, std::set<File> files) {
  PIPELINE_ASSIGN(const auto newest, parts_.runs.list({.limit = kMostSince}));
  for (const store::RunSummary& summary : newest) {
    if (summary.id <= run) break;
    PIPELINE_ASSIGN(const RunSpec spec, engine::load_spec(parts_.runs, summary.id));
    if (spec.after == run) files.emplace(spec.repository, spec.pipeline_file);
  }
  return files;
}

}  // namespace pipeline::serve
