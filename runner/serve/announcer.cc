#include "runner/serve/announcer.h"

#include <algorithm>

#include "pipelines/base/hex.h"
#include "pipelines/base/text.h"
#include "pipelines/notify/occasion.h"
#include "runner/cli/trace_export.h"
#include "runner/engine/stored_plan.h"
#include "runner/forge/commit_status.h"
#include "runner/notify/cdevent.h"
#include "runner/notify/message.h"
#include "runner/serve/repository_key.h"
#include "runner/store/forge_token.h"
#include "stages/host/random.h"

namespace pipeline::serve {

namespace {

using base::Result;
using notify::Happening;
using notify::News;
using store::Channel;
using store::Notice;
using store::RepositoryEntry;

// What happened longer ago is no news: of a server that was down for long, or of a backup.
constexpr std::chrono::hours kFresh{24};
constexpr std::chrono::seconds kAfterTrouble{5};
constexpr std::chrono::hours kUnasked{1};
// Among so many runs of a branch there is one that came to an end of its own.
constexpr std::size_t kEarlierRuns = 20;

std::string new_id() {
  constexpr std::size_t kBytes = 16;
  const std::string random = host::random_bytes(kBytes);
  const std::vector<std::uint8_t> bytes(random.begin(), random.end());
  return "msg_" + base::hex(bytes);
}

forge::CommitState state_of(const Happening& happening) {
  using forge::CommitState;
  if (happening.kind == Happening::Kind::queued) return CommitState::pending;
  if (happening.kind != Happening::Kind::finished) return CommitState::running;
  if (happening.status == run::RunStatus::succeeded) return CommitState::success;
  if (happening.status == run::RunStatus::failed) return CommitState::failure;
  return happening.status == run::RunStatus::cancelled ? CommitState::cancelled
                                                       : CommitState::error;
}

std::string description_of(const News& news) {
  std::string text = "run " + std::to_string(news.run) + " " + notify::predicate(news.what);
  if (news.what.kind != Happening::Kind::finished) return text;
  if (news.troubles.empty())
    return news.what.reason.empty() ? text : text + ": " + news.what.reason;
  std::vector<std::string> jobs;
  for (const notify::Trouble& trouble : news.troubles) jobs.push_back(trouble.job);
  return text + ": " + base::join(jobs, ", ");
}

Notice notice_for(Channel channel, std::string receiver, const News& news) {
  Notice notice;
  notice.id = new_id();
  notice.run = news.run;
  notice.sequence = news.what.sequence;
  notice.channel = channel;
  notice.receiver = std::move(receiver);
  notice.summary = notify::headline(news);
  return notice;
}

}  // namespace

bool Announcer::note(run::RunId run, const run::Event* event) {
  if (event != nullptr && !notify::may_matter(*event)) return false;
  const std::scoped_lock guard(mutex_);
  return news_.insert(run).second;
}

base::TimePoint Announcer::advance() {
  std::set<run::RunId> runs;
  {
    const std::scoped_lock guard(mutex_);
    runs.swap(news_);
  }
  if (!has_looked_back_) {
    const auto untold = parts_.notices.untold();
    if (untold) runs.insert(untold->begin(), untold->end());
    has_looked_back_ = untold.has_value();
  }
  std::set<run::RunId> again;
  for (const run::RunId run : runs) {
    if (const auto looked = look(run); !looked) {
      parts_.tell("run " + std::to_string(run) +
                  " cannot be told of yet: " + looked.error().to_string());
      followed_.erase(run);
      again.insert(run);
    }
  }
  if (again.empty() && has_looked_back_) return parts_.clock.now() + kUnasked;
  const std::scoped_lock guard(mutex_);
  news_.merge(again);
  return parts_.clock.now() + kAfterTrouble;
}

Result<Announcer::Followed*> Announcer::find(run::RunId run) {
  if (const auto found = followed_.find(run); found != followed_.end()) return &found->second;
  PIPELINE_ASSIGN(run::RunSpec spec, engine::load_spec(parts_.runs, run));
  // One that this version cannot read any more still ends, and its commit is told.
  const auto plan = engine::plan_of(spec);
  const model::Pipeline pipeline = plan ? plan->pipeline : model::Pipeline();
  PIPELINE_ASSIGN(const std::uint64_t told, parts_.notices.told(run));
  PIPELINE_ASSIGN(auto repository, repository_of(spec));
  Followed followed{.spec = std::move(spec),
                    .rules = pipeline.notify,
                    .repository = std::move(repository),
                    .follower = notify::RunFollower(pipeline),
                    .seen = 0,
                    .told = told};
  return &followed_.emplace(run, std::move(followed)).first->second;
}

Result<std::optional<RepositoryEntry>> Announcer::repository_of(const run::RunSpec& spec) {
  // What it comes to is told of as a job of the run that began it.
  if (spec.parent) return std::optional<RepositoryEntry>();
  PIPELINE_ASSIGN(const auto all, parts_.repositories.list());
  return repository_with_key(all, spec.repository, parts_.paths);
}

Result<> Announcer::look(run::RunId run) {
  PIPELINE_ASSIGN(Followed* const followed, find(run));
  PIPELINE_ASSIGN(const auto events, parts_.runs.events(run, followed->seen));
  std::vector<Notice> notices;
  bool is_over = false;
  for (const run::Event& event : events) {
    is_over = std::holds_alternative<run::RunFinished>(event.body);
    for (const Happening& happening : followed->follower.take(event)) {
      if (happening.sequence <= followed->told) continue;
      PIPELINE_ASSIGN(auto more, notices_of(run, *followed, happening));
      std::ranges::move(more, std::back_inserter(notices));
    }
    if (is_over && event.sequence > followed->told) {
      PIPELINE_ASSIGN(auto trace, trace_of(run, followed->spec, event));
      if (trace) notices.push_back(*std::move(trace));
    }
    followed->seen = event.sequence;
  }
  // Until the run is over nothing is lost that is not noted: it is followed from its start again.
  if (!notices.empty() || (is_over && followed->told < followed->seen)) {
    PIPELINE_TRY(parts_.notices.add(run, followed->seen, notices));
    followed->told = followed->seen;
  }
  if (is_over) followed_.erase(run);
  return {};
}

Result<std::vector<Notice>> Announcer::notices_of(run::RunId run, const Followed& followed,
                                                  const Happening& happening) {
  std::vector<Notice> notices;
  const base::TimePoint now = parts_.clock.now();
  if (!followed.repository || happening.at < now - kFresh) return notices;
  PIPELINE_ASSIGN(const News news, news_of(run, followed, happening));
  PIPELINE_ASSIGN(auto status, status_of(followed, news));
  if (status) notices.push_back(*std::move(status));
  for (const model::NotifyRule& rule : followed.rules)
    if (notify::is_about(rule, followed.spec.facts)) add_for(rule, news, notices);
  for (Notice& notice : notices) {
    notice.repository = followed.spec.repository;
    notice.made_at = now;
    notice.at = now;
  }
  return notices;
}

// Of child runs, too: each is a trace of its own.
Result<std::optional<Notice>> Announcer::trace_of(run::RunId run, const run::RunSpec& spec,
                                                  const run::Event& end) {
  const base::TimePoint now = parts_.clock.now();
  const auto plan = engine::plan_of(spec);
  if (parts_.traces.empty() || end.at < now - kFresh || !plan) return std::optional<Notice>();
  PIPELINE_ASSIGN(const auto events, parts_.runs.events(run, 0));
  Notice notice;
  notice.id = new_id();
  notice.run = run;
  notice.sequence = end.sequence;
  notice.repository = spec.repository;
  notice.channel = Channel::traces;
  notice.receiver = parts_.traces;
  notice.summary = spec.pipeline + ": the trace of run " + std::to_string(run);
  notice.body = cli::trace_body(run, *plan, events);
  notice.made_at = now;
  notice.at = now;
  return std::optional(std::move(notice));
}

Result<News> Announcer::news_of(run::RunId run, const Followed& followed,
                                const Happening& happening) {
  const run::RunSpec& spec = followed.spec;
  std::optional<run::RunStatus> before;
  if (happening.kind == Happening::Kind::finished && !followed.rules.empty()) {
    PIPELINE_ASSIGN(before, end_before(run, spec));
  }
  return News{.run = run,
              .repository = followed.repository->name,
              .pipeline = spec.pipeline,
              .branch = spec.facts.branch,
              .tag = spec.facts.tag,
              .commit = spec.facts.commit,
              .event = spec.facts.event,
              .what = happening,
              .occasions = notify::occasions_of(happening, before),
              .troubles = followed.follower.troubles(),
              .server = parts_.server()};
}

Result<std::optional<run::RunStatus>> Announcer::end_before(run::RunId run,
                                                            const run::RunSpec& spec) {
  if (spec.facts.branch.empty()) return std::optional<run::RunStatus>();
  PIPELINE_ASSIGN(const auto earlier, parts_.runs.list({.before = run,
                                                        .pipeline = spec.pipeline,
                                                        .repository = spec.repository,
                                                        .branch = spec.facts.branch,
                                                        .limit = kEarlierRuns}));
  for (const store::RunSummary& summary : earlier)
    if (summary.status == run::RunStatus::succeeded || summary.status == run::RunStatus::failed ||
        summary.status == run::RunStatus::errored)
      return std::optional(summary.status);
  return std::optional<run::RunStatus>();
}

Result<std::optional<Notice>> Announcer::status_of(const Followed& followed, const News& news) {
  const RepositoryEntry& repository = *followed.repository;
  const bool is_step = news.what.kind == Happening::Kind::queued ||
                       news.what.kind == Happening::Kind::started ||
                       news.what.kind == Happening::Kind::finished;
  // A tree that is no commit's is nothing that a forge could show.
  if (!repository.forge || !is_step || followed.spec.facts.dirty) return std::optional<Notice>();
  PIPELINE_ASSIGN(const auto token, parts_.secrets.get(store::forge_token_of(repository.name)));
  if (!token) return std::optional<Notice>();
  PIPELINE_ASSIGN(const auto head, parts_.pull_requests.head_of(repository.name, news.commit));
  Notice notice = notice_for(Channel::status, repository.name, news);
  const std::string context = "pipeline/" + news.pipeline;
  notice.detail = head.value_or(news.commit);
  notice.topic = notice.detail + " " + context;
  notice.body = forge::body_of(*repository.forge, {.state = state_of(news.what),
                                                   .context = context,
                                                   .description = description_of(news),
                                                   .link = notify::link_to(news.server, news.run),
                                                   .branch = head ? "" : news.branch});
  return std::optional(std::move(notice));
}

void Announcer::add_for(const model::NotifyRule& rule, const News& news,
                        std::vector<Notice>& notices) const {
  if (const auto subject = notify::cdevent_subject(news.what); subject && rule.cdevents) {
    Notice notice = notice_for(Channel::cdevents, *rule.cdevents, news);
    notice.detail = *subject;
    notice.body = notify::cdevent_body(news, notice.id);
    notices.push_back(std::move(notice));
  }
  if (!notify::wants(rule, news.occasions)) return;
  for (const std::string& address : rule.mail) {
    if (!parts_.has_mail) {
      parts_.tell("run " + std::to_string(news.run) + ": no mail to " + address +
                  ": this server sends none ([mail] in server.toml)");
      break;
    }
    Notice notice = notice_for(Channel::mail, address, news);
    notice.body = notify::text_of(news);
    notices.push_back(std::move(notice));
  }
  if (rule.slack) {
    Notice notice = notice_for(Channel::slack, *rule.slack, news);
    notice.body = notify::slack_body(news);
    notices.push_back(std::move(notice));
  }
  if (rule.webhook) {
    Notice notice = notice_for(Channel::webhook, rule.webhook->url, news);
    notice.detail = rule.webhook->key;
    notice.body = notify::webhook_body(news);
    notices.push_back(std::move(notice));
  }
}

}  // namespace pipeline::serve
