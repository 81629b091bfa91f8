#include "runner/engine/engine.h"

#include <algorithm>

#include "pipelines/base/reason.h"
#include "pipelines/model/placeholder.h"
#include "pipelines/run/transition.h"
#include "runner/engine/job_order.h"
#include "runner/engine/masked_event.h"
#include "runner/engine/reports.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::engine {

namespace {

using base::ErrorKind;
using base::Result;
using run::EventBody;

// What `retry` without a stage starts again: whatever kept the run from succeeding, and what its
// dead coordinator may have offered to a worker.
bool wants_retry(run::JobStatus status) {
  return (run::is_terminal(status) && !run::is_success(status) &&
          status != run::JobStatus::skipped) ||
         status == run::JobStatus::queued;
}

Result<std::vector<std::string>> jobs_to_retry(const plan::Plan& plan, const run::RunState& state,
                                               const Retry& retry) {
  std::vector<std::string> jobs;
  for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
    const std::string& stage = plan.stage_of(plan.jobs[job]).name;
    const bool named = std::ranges::find(retry.stages, stage) != retry.stages.end() ||
                       std::ranges::find(retry.stages, plan.jobs[job].name) != retry.stages.end();
    const run::JobStatus status = state.jobs[job].status;
    // A queued job always gets a new attempt: a dead coordinator's worker may have begun this one.
    const bool wanted =
        retry.stages.empty() ? wants_retry(status) : named || status == run::JobStatus::queued;
    if (wanted) jobs.push_back(plan.jobs[job].name);
  }
  return jobs;
}

Result<> check_stages(const plan::Plan& plan, const Retry& retry) {
  for (const std::string& stage : retry.stages) {
    const bool known = std::ranges::any_of(plan.jobs, [&](const plan::Job& job) {
      return plan.stage_of(job).name == stage || job.name == stage;
    });
    if (!known) {
      return base::fail(base::Error(ErrorKind::invalid, "the run has no stage \"" + stage + "\"")
                            .hint("pipeline show lists its stages"));
    }
  }
  return {};
}

run::JobFinished interrupted(const plan::Plan& plan, const run::RunState& state, std::size_t job) {
  return {.job = plan.jobs[job].name,
          .attempt = state.jobs[job].attempt,
          .status = run::JobStatus::errored,
          .reason = "interrupted: the process that drove the run died"};
}

}  // namespace

Engine::Engine(Surroundings around, Settings settings, run::RunSpec spec, plan::Plan plan)
    : around_(around),
      settings_(std::move(settings)),
      spec_(std::move(spec)),
      plan_(std::move(plan)),
      state_(run::initial_state(plan_)),
      waits_for_group_(!spec_.concurrency_group.empty()) {}

Result<std::unique_ptr<Engine>> Engine::create(Surroundings around, Settings settings,
                                               run::RunSpec spec, plan::Plan plan) {
  std::unique_ptr<Engine> engine(
      new Engine(around, std::move(settings), std::move(spec), std::move(plan)));
  PIPELINE_TRY(engine->find_secrets());
  PIPELINE_ASSIGN(store::RunStore::NewRun reserved, around.store.create());
  engine->id_ = reserved.id;
  engine->lease_ = std::move(reserved.lease);
  PIPELINE_TRY(engine->record(run::RunCreated{engine->spec_}));
  PIPELINE_TRY(engine->settle());
  return engine;
}

Result<std::unique_ptr<Engine>> Engine::open(Surroundings around, Settings settings, run::RunId id,
                                             plan::Plan plan, History& history) {
  // Known before it is taken, so that a mistyped number leaves no directory behind.
  PIPELINE_TRY(around.store.events(id));
  PIPELINE_ASSIGN(auto lease, around.store.acquire(id));
  PIPELINE_ASSIGN(history, around.store.events(id));
  const auto* created = std::get_if<run::RunCreated>(&history.front().body);
  if (created == nullptr) return base::fail(ErrorKind::corrupt, "the run has no beginning");
  std::unique_ptr<Engine> engine(
      new Engine(around, std::move(settings), created->spec, std::move(plan)));
  engine->id_ = id;
  engine->lease_ = std::move(lease);
  PIPELINE_ASSIGN(engine->state_, run::replay(engine->plan_, history));
  return engine;
}

Result<std::unique_ptr<Engine>> Engine::reopen(Surroundings around, Settings settings,
                                               run::RunId id, plan::Plan plan, const Retry& retry) {
  PIPELINE_TRY(check_stages(plan, retry));
  History history;
  PIPELINE_ASSIGN(auto engine, open(around, std::move(settings), id, std::move(plan), history));
  PIPELINE_TRY(engine->take_over(retry));
  PIPELINE_TRY(engine->settle());
  return engine;
}

Result<std::unique_ptr<Engine>> Engine::resume(Surroundings around, Settings settings,
                                               run::RunId id, plan::Plan plan,
                                               const std::optional<std::string>& cancel_reason) {
  History history;
  PIPELINE_ASSIGN(auto engine, open(around, std::move(settings), id, std::move(plan), history));
  if (engine->finished()) {
    return base::fail(ErrorKind::invalid, "run " + std::to_string(id) + " is over");
  }
  if (!cancel_reason) PIPELINE_TRY(engine->find_secrets());
  // It had its turn.
  const auto has_moved = [](const run::JobState& job) {
    return job.status != run::JobStatus::waiting;
  };
  if (std::ranges::any_of(engine->state_.jobs, has_moved)) engine->waits_for_group_ = false;
  // First, so that nothing is begun again only to be stopped.
  if (cancel_reason && !engine->state_.cancelling) {
    PIPELINE_TRY(engine->record(run::RunCancelRequested{*cancel_reason}));
  }
  PIPELINE_TRY(engine->take_up(history));
  PIPELINE_TRY(engine->settle());
  return engine;
}

Result<> Engine::take_over(const Retry& retry) {
  const bool was_open = !run::is_terminal(state_.status);
  for (std::size_t job = 0; job < plan_.jobs.size(); ++job) {
    PIPELINE_TRY(end_left_over(job));
    const run::JobState& state = state_.jobs[job];
    // A queued job may have been offered: only its worker knows.
    if (run::is_active(state.status) || state.status == run::JobStatus::queued) {
      PIPELINE_TRY(end_attempt(job, state.attempt));
    }
    if (run::is_active(state.status)) {
      PIPELINE_TRY(record(interrupted(plan_, state_, job)));
    }
  }
  PIPELINE_ASSIGN(std::vector<std::string> jobs, jobs_to_retry(plan_, state_, retry));
  if (jobs.empty() && !was_open) {
    return base::fail(base::Error(ErrorKind::invalid, "nothing of run " + std::to_string(id_) +
                                                          " failed: there is nothing to retry")
                          .hint("--stage NAME runs a stage again whatever became of it"));
  }
  PIPELINE_TRY(record(run::RunRetried{std::move(jobs), retry.detached, retry.by}));
  return find_secrets();
}

Result<std::optional<std::vector<run::Event>>> Engine::resume_worker(std::size_t job,
                                                                     std::uint32_t attempt) {
  PIPELINE_ASSIGN(auto logs, around_.workbench.log_directory(id_, plan_.jobs[job].name, attempt));
  return around_.link.resume({plan_.jobs[job].name, attempt, std::move(logs), id_}, around_.sink);
}

Result<> Engine::end_attempt(std::size_t job, std::uint32_t attempt) {
  PIPELINE_ASSIGN(const auto reported, resume_worker(job, attempt));
  if (reported) around_.link.stop_now(plan_.jobs[job].name, attempt);
  return {};
}

// Patience with the job's last attempt ran out, and the coordinator died before it could kill it
// (note_abandoned): it must not meet the next one.
Result<> Engine::end_left_over(std::size_t job) {
  const run::JobState& state = state_.jobs[job];
  const bool is_over = run::is_terminal(state.status);
  const bool ran = state.queued_at && state.status != run::JobStatus::cached;
  if (is_over ? !ran : state.attempt == 1) return {};
  return end_attempt(job, is_over ? state.attempt : state.attempt - 1);
}

// Whatever cannot be found out fails before anything is recorded.
Result<> Engine::take_up(const History& history) {
  PIPELINE_ASSIGN(const TakenUp found, find_taken_up(history));
  // Other reports may have been recorded later than these were written.
  const base::TimePoint now = around_.clock.now();
  const base::TimePoint earliest = std::min(history.back().at, now);
  for (const run::Event& report : found.news) {
    accept(report.body, std::clamp(report.at, earliest, now));
  }
  for (const std::size_t job : found.missing) PIPELINE_TRY(begin_again(job));
  return {};
}

Result<Engine::TakenUp> Engine::find_taken_up(const History& history) {
  TakenUp found;
  for (std::size_t job = 0; job < plan_.jobs.size(); ++job) {
    PIPELINE_TRY(end_left_over(job));
    const run::JobState& state = state_.jobs[job];
    const bool is_queued = state.status == run::JobStatus::queued;
    if (!is_queued && !run::is_active(state.status)) continue;
    PIPELINE_ASSIGN(auto reported, resume_worker(job, state.attempt));
    if (!reported) {
      // One that was queued and never taken is offered by itself.
      if (!is_queued) found.missing.push_back(job);
      continue;
    }
    if (const auto inputs = inputs_of(plan_, state_, job)) note_key(job, *inputs);
    if (is_queued) offers_[job] = {job, around_.clock.now()};
    std::ranges::move(
        unrecorded(*std::move(reported), history, {plan_.jobs[job].name, state.attempt}),
        std::back_inserter(found.news));
  }
  std::ranges::stable_sort(found.news, {}, &run::Event::at);
  return found;
}

// A deployment goes on by its journal, and an approval is asked for again. Whatever else ran is
// lost with the process that ran it.
Result<> Engine::begin_again(std::size_t job) {
  const model::Stage& stage = plan_.stage_of(plan_.jobs[job]);
  const bool can_go_on = std::holds_alternative<model::DeployWork>(stage.work) ||
                         std::holds_alternative<model::ApprovalWork>(stage.work);
  return can_go_on ? start(job) : record(interrupted(plan_, state_, job));
}

Result<> Engine::find_secrets() {
  const std::set<std::string> names = secrets_asked(plan_, state_);
  if (!names.empty() && settings_.find_secrets && !spec_.facts.untrusted) {
    PIPELINE_ASSIGN(secrets_, settings_.find_secrets(names, spec_.repository));
  }
  std::vector<std::string> values;
  for (const auto& [name, value] : secrets_) values.push_back(value);
  if (!values.empty()) masker_.emplace(values);
  return check_secrets(order_context());
}

Result<> Engine::record(EventBody body, base::TimePoint at) {
  // The one way into the store, the displays and the summaries.
  if (masker_) mask_texts(body, *masker_);
  run::Event event{state_.last_sequence + 1, at, std::move(body)};
  PIPELINE_TRY(run::apply(state_, plan_, event));
  // At once: the same batch may give the job a further attempt, which has not been offered yet.
  if (const auto* over = std::get_if<run::JobFinished>(&event.body)) forget_worker(over->job);
  pending_.push_back(std::move(event));
  return {};
}

void Engine::forget_worker(const std::string& job) {
  const std::optional<std::size_t> index = plan_.find(job);
  if (!index) return;
  offers_.erase(*index);
  told_to_stop_.erase(*index);
}

Result<> Engine::handle(std::span<const EventBody> reports) {
  if (broken_) return base::fail(*broken_);
  for (const EventBody& report : reports) accept(report, around_.clock.now());
  return settle();
}

void Engine::accept(const EventBody& report, base::TimePoint at) {
  const std::optional<run::JobRef> ref = run::job_of(report);
  if (!ref || !is_report(run::kind_of(report))) return;
  const std::optional<std::size_t> job = plan_.find(ref->job);
  if (!job) return;
  // What was never offered cannot be reported on, whatever the state allows.
  const bool ours = offers_.contains(*job) || run::is_active(state_.jobs[*job].status);
  // The state machine drops duplicates and what comes late: a refusal is no error here.
  if (ours && record(report, at)) offers_.erase(*job);
}

Result<> Engine::wait(const std::string& reason) {
  if (broken_) return base::fail(*broken_);
  if (!waits_for_group() || state_.reason == reason) return {};
  PIPELINE_TRY(record(run::RunWaiting{reason}));
  return settle();
}

Result<> Engine::begin() {
  if (broken_) return base::fail(*broken_);
  waits_for_group_ = false;
  return settle();
}

Result<> Engine::advance() {
  if (broken_) return base::fail(*broken_);
  return settle();
}

std::optional<base::TimePoint> Engine::deadline() const {
  if (broken_ || waits_for_group()) return std::nullopt;
  return run::next_deadline(state_, plan_, limits());
}

Result<> Engine::cancel(const std::string& reason) {
  if (broken_) return base::fail(*broken_);
  if (state_.cancelling) {
    stop_all_now();
    return {};
  }
  if (finished()) return {};
  PIPELINE_TRY(record(run::RunCancelRequested{reason}));
  return settle();
}

run::Limits Engine::limits() const {
  run::Limits limits;
  limits.jobs = std::max(1U, settings_.jobs.value_or(spec_.jobs));
  for (const auto& [job, offer] : offers_) limits.offers.push_back(offer);
  return limits;
}

Result<> Engine::settle() {
  auto settled = settle_in_steps();
  if (settled) return {};
  // Without the store nobody would know what the workers do: they must not go on unseen.
  broken_ = std::move(settled).error();
  stop_all_now();
  return base::fail(*broken_);
}

Result<> Engine::settle_in_steps() {
  do {
    PIPELINE_ASSIGN(const std::vector<run::Action> actions, record_what_follows());
    PIPELINE_TRY(commit());
    PIPELINE_TRY(carry_out(actions));
    // Starting a job may have ended it at once: its result was known, or it could not be ordered.
  } while (!pending_.empty());
  return {};
}

Result<std::vector<run::Action>> Engine::record_what_follows() {
  if (waits_for_group()) return std::vector<run::Action>();
  for (;;) {
    std::vector<run::Action> actions = run::next(state_, plan_, limits(), around_.clock.now());
    bool recorded = false;
    for (run::Action& action : actions) {
      if (auto* follows = std::get_if<run::Record>(&action)) {
        note_abandoned(follows->body);
        PIPELINE_TRY(record(std::move(follows->body)));
        recorded = true;
      }
    }
    if (!recorded) return actions;
  }
}

Result<> Engine::carry_out(const std::vector<run::Action>& actions) {
  stop_abandoned();
  for (const run::Action& action : actions) {
    if (const auto* ordered = std::get_if<run::Start>(&action)) PIPELINE_TRY(start(ordered->job));
    if (const auto* asked = std::get_if<run::Stop>(&action)) stop(asked->job);
  }
  return {};
}

// An end that no worker reported: patience with it ran out. What is left of it must not meet the
// job's next attempt.
void Engine::note_abandoned(const EventBody& body) {
  const auto* over = std::get_if<run::JobFinished>(&body);
  const std::optional<std::size_t> job = over == nullptr ? std::nullopt : plan_.find(over->job);
  if (job && (run::is_active(state_.jobs[*job].status) || offers_.contains(*job))) {
    abandoned_.emplace_back(over->job, over->attempt);
  }
}

Result<> Engine::commit() {
  if (pending_.empty()) return {};
  const std::vector<run::Event> batch = std::exchange(pending_, {});
  PIPELINE_TRY(around_.store.append(id_, batch));
  for (const run::Event& event : batch) {
    if (const auto* over = std::get_if<run::JobFinished>(&event.body)) {
      PIPELINE_TRY(after_end_of(*over));
    }
    for (const Observer& observer : settings_.observers) observer(event, state_, plan_);
  }
  return {};
}

Result<> Engine::start(std::size_t job) {
  const auto cannot = [&](const base::Error& error) {
    return record(run::JobFinished{.job = plan_.jobs[job].name,
                                   .attempt = state_.jobs[job].attempt,
                                   .status = run::JobStatus::errored,
                                   .reason = base::reason_of(error)});
  };
  const auto inputs = inputs_of(plan_, state_, job);
  if (!inputs) return cannot(inputs.error());
  PIPELINE_ASSIGN(const bool reused, reuse(job, *inputs));
  if (reused) return {};
  auto logs = around_.workbench.log_directory(id_, plan_.jobs[job].name, state_.jobs[job].attempt);
  if (!logs) return cannot(logs.error());
  auto order = make_job_order(order_context(), job, *inputs, *std::move(logs));
  if (!order) return cannot(order.error());
  if (const auto filled = fill_cache_keys(*order); !filled) return cannot(filled.error());
  offers_[job] = {job, around_.clock.now()};
  around_.link.start(*std::move(order), around_.sink);
  return {};
}

// What only the tree can tell of them.
Result<> Engine::fill_cache_keys(protocol::JobOrder& order) {
  auto* command = std::get_if<protocol::CommandOrder>(&order.work);
  if (command == nullptr) return {};
  std::optional<base::Error> failure;
  const auto value_of = [&](std::string_view name) -> std::optional<std::string> {
    const auto glob = model::files_placeholder(name);
    if (!glob) return std::nullopt;
    auto digest = around_.workbench.files_digest(spec_, std::string(*glob));
    if (digest) return *std::move(digest);
    failure = std::move(digest).error();
    return std::nullopt;
  };
  const auto fill = [&](std::string& key) -> Result<> {
    auto filled = model::fill_placeholders(key, value_of);
    if (!filled) return base::fail(failure.value_or(filled.error()));
    key = *std::move(filled);
    return {};
  };
  for (model::CacheSpec& cache : command->work.caches) {
    PIPELINE_TRY(fill(cache.key));
    for (std::string& key : cache.fallback) PIPELINE_TRY(fill(key));
  }
  return {};
}

// The key under which the job's success would be kept, if it can be made.
void Engine::note_key(std::size_t job, const JobInputs& inputs) {
  keys_.erase(job);
  // What a stranger's run makes is nobody else's, and results may hold what was made with secrets.
  if (!settings_.sandboxed || spec_.facts.untrusted) return;
  const auto* work = std::get_if<model::CommandWork>(&plan_.stage_of(plan_.jobs[job]).work);
  if (work == nullptr || work->inputs.empty()) return;
  const auto key = around_.workbench.result_key(spec_, plan_, plan_.jobs[job],
                                                {{}, inputs.layers, inputs.artifacts});
  if (key && *key) keys_.insert_or_assign(job, **key);
}

// Whether an earlier success stands in for the job. A job whose key cannot be made runs.
Result<bool> Engine::reuse(std::size_t job, const JobInputs& inputs) {
  note_key(job, inputs);
  const auto key = keys_.find(job);
  if (key == keys_.end() || spec_.no_cache) return false;
  PIPELINE_ASSIGN(const auto found, around_.store.find_cached(key->second.digest));
  if (!found || !around_.workbench.is_available(*found)) return false;
  around_.workbench.remember(spec_, plan_.jobs[job].name, {found->from_run, key->second.manifest});
  PIPELINE_TRY(
      record(run::JobCached{plan_.jobs[job].name, found->outputs, found->artifacts, found->from_run,
                            found->tests, found->from_job, found->from_attempt}));
  return true;
}

Result<> Engine::after_end_of(const run::JobFinished& finished) {
  const std::optional<std::size_t> job = plan_.find(finished.job);
  if (!job) return {};
  const auto key = keys_.extract(*job);
  // What was warned of would be reused without a word.
  const bool is_clean = finished.status == run::JobStatus::succeeded && finished.warnings.empty();
  // A quarantined test may well pass the next time.
  const bool was_forgiven = finished.tests && finished.tests->counts.quarantined > 0;
  if (key.empty() || !is_clean || was_forgiven) return {};
  store::CachedResult result{id_, finished.outputs, finished.artifacts};
  if (finished.tests) {
    result.tests = finished.tests;
    result.from_job = finished.job;
    result.from_attempt = finished.attempt;
  }
  around_.workbench.remember(spec_, finished.job, {id_, key.mapped().manifest});
  return around_.store.save_cached(key.mapped().digest, result);
}

void Engine::stop(std::size_t job) {
  if (!told_to_stop_.insert(job).second) return;
  const run::JobState& state = state_.jobs[job];
  around_.link.stop(plan_.jobs[job].name, state.attempt, *state.stopping, state.stop_reason);
}

void Engine::stop_abandoned() {
  for (const auto& [job, attempt] : std::exchange(abandoned_, {})) {
    around_.link.stop_now(job, attempt);
  }
}

void Engine::stop_all_now() {
  stop_abandoned();
  for (std::size_t job = 0; job < plan_.jobs.size(); ++job) {
    if (run::is_active(state_.jobs[job].status) || offers_.contains(job)) {
      around_.link.stop_now(plan_.jobs[job].name, state_.jobs[job].attempt);
    }
  }
}

}  // namespace pipeline::engine
