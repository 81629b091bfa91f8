#include "runner/serve/served_runs.h"

#include <algorithm>
#include <future>
#include <latch>

#include "runner/serve/nowhere.h"

namespace pipeline::serve {

namespace {

using base::Result;
using run::RunId;

// All runs of a server are driven by these: secrets come from what is kept alone.
const cli::SecretSources& kept_secrets() {
  static const cli::SecretSources sources{};
  return sources;
}

// What is under way goes on as it was planned.
Result<> as_it_is(cli::Services& /*services*/, const engine::StoredRun& /*run*/) {
  return {};
}

// Whether any job of it goes by what the server defines, and another definition than now.
bool deploys_otherwise(const engine::StoredRun& run, const config::ServerEnvironments& now) {
  const config::ServerEnvironments& then = run.spec.server_environments;
  const auto definition = [](const config::ServerEnvironments& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::nullopt : std::optional(found->second);
  };
  return std::ranges::any_of(run.plan.pipeline.stages, [&](const model::Stage& stage) {
    if (std::holds_alternative<model::ChildWork>(stage.work)) return then != now;
    const auto* const work = std::get_if<model::DeployWork>(&stage.work);
    return work != nullptr &&
           definition(then, work->environment) != definition(now, work->environment);
  });
}

// A run keeps what it was planned with; one that is opened again must not bring back what the
// server has put aside since.
Result<> expect_same_environments(cli::Services& services, const engine::StoredRun& run) {
  PIPELINE_ASSIGN(const auto now, services.server_environments(run.spec.repository));
  if (!deploys_otherwise(run, now)) return {};
  return base::fail(
      base::Error(base::ErrorKind::conflict,
                  "the server defines an environment that it deploys to otherwise by now")
          .hint("start a new run of that commit: pipeline run --ref " + run.spec.facts.commit));
}

}  // namespace

Result<> ServedRuns::begin_thread(Work work) {
  auto driven = std::make_unique<Driven>();
  PIPELINE_ASSIGN(driven->loop, engine::Loop::make());
  reap();
  const std::scoped_lock guard(mutex_);
  if (is_leaving_) return base::fail(base::ErrorKind::unavailable, "the server is stopping");
  Driven& kept = *driven_.emplace_back(std::move(driven));
  kept.thread = std::thread([this, &kept, work = std::move(work)] {
    const auto services = make_services_();
    work(*services, *kept.loop, kept);
    const std::scoped_lock done(mutex_);
    kept.is_over = true;
  });
  return {};
}

// Threads that have ended are joined with the next that begins.
void ServedRuns::reap() {
  std::vector<std::unique_ptr<Driven>> over;
  {
    const std::scoped_lock guard(mutex_);
    const auto first_over = std::stable_partition(
        driven_.begin(), driven_.end(), [](const auto& driven) { return !driven->is_over; });
    over.assign(std::make_move_iterator(first_over), std::make_move_iterator(driven_.end()));
    driven_.erase(first_over, driven_.end());
  }
  for (const auto& driven : over) driven->thread.join();
}

void ServedRuns::drive(cli::Services& services, engine::Loop& loop, Driven& driven,
                       const cli::MakeEngine& make_engine, const Began& began) {
  bool has_begun = false;
  const cli::QuietRun quiet{
      .services = services,
      .secrets = kept_secrets(),
      .loop = loop,
      .began =
          [&](RunId id) {
            has_begun = true;
            {
              const std::scoped_lock guard(mutex_);
              driven.id = id;
            }
            if (on_event_) on_event_(id, nullptr);
            began(id);
          },
      .leaves =
          [this] {
            const std::scoped_lock guard(mutex_);
            return is_leaving_;
          },
      .observers = {[&](const run::Event& event, const run::RunState& /*state*/,
                        const plan::Plan& /*plan*/) {
        const std::scoped_lock guard(mutex_);
        if (on_event_) on_event_(driven.id, &event);
      }},
      .stop_here = [this](RunId id) { return cancel(id); }};
  const auto ended = cli::drive_quietly(quiet, make_engine);
  if (!has_begun)
    began(
        base::fail(ended ? base::Error(base::ErrorKind::internal, "no run began") : ended.error()));
  if (on_event_ && driven.id != 0) on_event_(driven.id, nullptr);
}

void ServedRuns::start(cli::RunOptions options, const Began& began) {
  start_prepared(
      [options = std::move(options)](cli::Context& context) {
        return cli::prepare_run(options, context).map([](cli::PreparedRun prepared) {
          return std::optional(std::move(prepared));
        });
      },
      began);
}

void ServedRuns::start_if_triggered(cli::RunOptions options, cli::EventWish event,
                                    const Began& began) {
  start_prepared(
      [options = std::move(options), event = std::move(event)](cli::Context& context) {
        return cli::prepare_triggered(options, event, context);
      },
      began);
}

Result<RunId> ServedRuns::begin_triggered(cli::RunOptions options, cli::EventWish event) {
  const auto begun = std::make_shared<std::promise<Result<RunId>>>();
  start_if_triggered(std::move(options), std::move(event),
                     [begun](const Result<RunId>& run) { begun->set_value(run); });
  return begun->get_future().get();
}

void ServedRuns::start_prepared(Prepare prepare, const Began& began) {
  const auto begun = begin_thread([this, prepare = std::move(prepare), began](
                                      cli::Services& services, engine::Loop& loop, Driven& driven) {
    Nowhere nowhere;
    cli::Context context{services, nowhere.console, "/"};
    auto prepared = prepare(context);
    if (!prepared) return began(base::fail(prepared.error()));
    if (!*prepared) return began(RunId{0});
    drive(
        services, loop, driven,
        [&](const engine::Surroundings& around, engine::Settings settings) {
          return engine::Engine::create(around, std::move(settings), std::move((*prepared)->spec),
                                        std::move((*prepared)->plan));
        },
        began);
  });
  if (!begun) began(base::fail(begun.error()));
}

Result<std::vector<std::string>> ServedRuns::resume_left_over() {
  const auto services = make_services_();
  PIPELINE_ASSIGN(store::RunStore* const store, services->runs());
  constexpr std::size_t kMost = 100'000;
  PIPELINE_ASSIGN(const auto runs,
                  store->list({.status = run::RunStatus::interrupted, .limit = kMost}));
  std::vector<std::string> troubles;
  std::latch taken_up(static_cast<std::ptrdiff_t>(runs.size()));
  for (const store::RunSummary& summary : runs) {
    const RunId id = summary.id;
    const Began began = [&, id](const Result<RunId>& result) {
      if (!result) {
        const std::scoped_lock guard(mutex_);
        troubles.push_back("run " + std::to_string(id) +
                           " cannot be taken up: " + result.error().to_string());
      }
      taken_up.count_down();
    };
    go_on(
        id, as_it_is,
        [id](const engine::Surroundings& around, engine::Settings settings, plan::Plan plan) {
          return engine::Engine::resume(around, std::move(settings), id, std::move(plan));
        },
        began);
  }
  taken_up.wait();
  const std::scoped_lock guard(mutex_);
  return troubles;
}

void ServedRuns::go_on(RunId id, const Check& check, const Reopen& reopen, const Began& began) {
  const auto begun = begin_thread([this, id, check, reopen, began](
                                      cli::Services& services, engine::Loop& loop, Driven& driven) {
    const auto store = services.runs();
    const auto stored =
        store ? engine::load_run(**store, id) : base::fail(std::as_const(store).error());
    if (!stored) return began(base::fail(stored.error()));
    if (const auto may = check(services, *stored); !may) return began(base::fail(may.error()));
    drive(
        services, loop, driven,
        [&](const engine::Surroundings& around, engine::Settings settings) {
          return reopen(around, std::move(settings), stored->plan);
        },
        began);
  });
  if (!begun) began(base::fail(begun.error()));
}

bool ServedRuns::is_under_way(RunId id) const {
  const std::scoped_lock guard(mutex_);
  return std::ranges::any_of(
      driven_, [&](const auto& driven) { return driven->id == id && !driven->is_over; });
}

void ServedRuns::retry(RunId id, engine::Retry retry, const Began& began) {
  if (is_under_way(id)) {
    return began(base::fail(
        base::Error(base::ErrorKind::conflict, "run " + std::to_string(id) + " is under way")
            .hint("wait for it to end, or cancel it")));
  }
  go_on(
      id, expect_same_environments,
      [id, retry = std::move(retry)](const engine::Surroundings& around, engine::Settings settings,
                                     plan::Plan plan) {
        return engine::Engine::reopen(around, std::move(settings), id, std::move(plan), retry);
      },
      began);
}

bool ServedRuns::cancel(RunId id) {
  const std::scoped_lock guard(mutex_);
  const auto found = std::ranges::find_if(
      driven_, [&](const auto& driven) { return driven->id == id && !driven->is_over; });
  if (found == driven_.end()) return false;
  (*found)->loop->interrupt();
  return true;
}

void ServedRuns::leave() {
  {
    const std::scoped_lock guard(mutex_);
    is_leaving_ = true;
    for (const auto& driven : driven_) driven->loop->wake();
  }
  for (const auto& driven : driven_) driven->thread.join();
  const std::scoped_lock guard(mutex_);
  driven_.clear();
}

std::size_t ServedRuns::under_way() const {
  const std::scoped_lock guard(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(driven_, [](const auto& driven) { return !driven->is_over; }));
}

}  // namespace pipeline::serve
