// The engine, its store and its workers on a fake clock, with a coordinator that dies anywhere.
//
// After every step: no job starts before its needs are over and its order is stored; a job has one
// attempt at a time and starts each once; the bound of jobs holds; what succeeded stays and is
// never started again; the state is what a replay of the store gives. And the run ends.
#include <algorithm>
#include <memory>
#include <set>

#include "pipelines/run/event_json.h"
#include "pipelines/run/next.h"
#include "runner/engine/engine.h"
#include "tests/simulation/harness.h"
#include "tests/simulation/mortal_store.h"
#include "tests/simulation/scripted_workers.h"
#include "tests/support/engine/memory_workbench.h"
#include "tests/support/engine/recording_link.h"
#include "tests/support/manual_clock.h"
#include "tests/support/plans.h"
#include "tests/support/store/memory_run_store.h"

namespace pipeline::simulation {
namespace {

using engine::Engine;
using run::JobStatus;

constexpr int kMostSteps = 20'000;

plan::Plan random_plan(Random& random) {
  using model::NeedsStatus;
  const std::vector<NeedsStatus> statuses = {NeedsStatus::success, NeedsStatus::success,
                                             NeedsStatus::success, NeedsStatus::success,
                                             NeedsStatus::failure, NeedsStatus::always};
  std::vector<support::JobSketch> jobs(random.between(1, 12));
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    support::JobSketch& sketch = jobs[job];
    sketch.name = "j" + std::to_string(job);
    for (std::size_t need = 0; need < job; ++need) {
      if (!random.percent(25)) continue;
      sketch.needs.push_back(jobs[need].name + (random.percent(20) ? "?" : ""));
    }
    sketch.allow_failure = random.percent(15);
    sketch.status = random.pick(statuses);
    sketch.timeout = std::chrono::seconds(random.between(1, 600));
    if (random.percent(10)) sketch.skip_reason = "its condition does not hold";
    if (random.percent(30)) sketch.work.inputs = {"**"};
  }
  return support::make_test_plan(jobs);
}

ScriptedWorkers::Faults random_faults(Random& random) {
  if (random.percent(30)) return {};
  return {.lost = random.below(20),
          .doubled = random.below(30),
          .late = random.below(30),
          .silent = random.below(15),
          .deaf = random.below(20)};
}

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed),
        plan_(random_plan(random_)),
        workers_(random_.fork(), clock_, random_faults(random_),
                 [this](const protocol::JobOrder& order) { check_start(order); }) {
    spec_.pipeline = "simulated";
    spec_.jobs = static_cast<std::uint32_t>(random_.between(1, 4));
    for (const plan::Job& job : plan_.jobs) {
      base::Digest::Bytes key{};
      key.fill(static_cast<std::uint8_t>(random_.below(3)));
      if (random_.percent(70)) workbench_.keys.emplace(job.name, base::Digest(key));
    }
  }

  // One run to its end, then perhaps a retry to its end.
  void play_run() {
    id_ = 0;
    done_.clear();
    started_.clear();
    stored_ = run::initial_state(plan_);
    spec_.detached = random_.percent(50);
    if (spec_.detached) workers_.outlive_coordinators();
    fate_ = {.lives = static_cast<int>(random_.below(5)),
             .failures = static_cast<int>(random_.below(3))};
    drive();
    for (int retries = 0; retries < 2 && wants_retry(); ++retries) {
      retry_ = random_retry();
      trace("retry " + (retry_.stages.empty() ? "what failed" : retry_.stages.front()));
      engine_.reset();
      drive();
    }
    engine_.reset();
    workers_.hang_up();
  }

 private:
  // ---- one coordinator after the other -------------------------------------------------------

  void drive() {
    bool opened = false;
    for (int step = 0;; ++step) {
      require(step < kMostSteps, "the run does not end");
      try {
        if (!engine_) {
          // It may have died after its last word.
          if (opened && run::is_terminal(stored_state().status)) break;
          opened = true;
          open();
        }
        if (engine_->finished()) break;
        one_step();
        check_state();
      } catch (const Killed&) {
        bury();
      }
    }
    check_end();
  }

  void open() {
    memory_ = std::make_unique<support::MemoryRunStore>(disk_);
    mortal_ = std::make_unique<MortalStore>(*memory_, random_, 3, fate_);
    const engine::Surroundings around{*mortal_, workers_, sink_, clock_, workbench_};
    const bool exists = id_ != 0 && disk_.runs.contains(id_);
    if (!exists) id_ = disk_.last_id + 1;
    trace((exists ? "take over run " : "begin run ") + std::to_string(id_));
    // A person may ask for either when what drove the run has died.
    const bool goes_on =
        exists && spec_.detached && random_.percent(80) && !run::is_terminal(stored_state().status);
    if (goes_on) trace("as if nothing had happened");
    auto made = goes_on  ? Engine::resume(around, {}, id_, plan_)
                : exists ? Engine::reopen(around, {}, id_, plan_, retry_)
                         : Engine::create(around, {}, spec_, plan_);
    if (!made && fate_.failed) lose_disk();
    // What was asked for was asked once.
    retry_ = {};
    require(made.has_value(),
            "the run cannot be driven: " + (made ? "" : made.error().to_string()));
    engine_ = *std::move(made);
  }

  // The program says so and ends; another one comes.
  [[noreturn]] void lose_disk() {
    trace("the disk fails");
    fate_.failed = false;
    throw Killed{};
  }

  // What is left of a process that was killed: its disk, and what is on the line.
  void bury() {
    trace("the coordinator dies");
    engine_.reset();
    mortal_.reset();
    memory_.reset();
    workers_.die();
    const auto summary = support::MemoryRunStore(disk_).list({.limit = 1});
    if (!summary->empty() && summary->front().id == id_) {
      require(summary->front().status == run::RunStatus::interrupted ||
                  run::is_terminal(summary->front().status),
              "a dead coordinator's run is not shown as interrupted");
    }
  }

  void one_step() {
    if (fate_.lives > 0 && random_.percent(1)) {
      --fate_.lives;
      throw Killed{};
    }
    const bool again = engine_->state().cancelling;
    if (random_.below(again ? 30 : 400) == 0) {
      trace(again ? "cancel again" : "cancel");
      must(engine_->cancel("because"));
      require(!again || workers_.busy() == 0, "a job goes on after the second cancel");
    }
    const auto happens = workers_.next();
    const auto due = engine_->deadline();
    require(happens || due, "the run is stuck: nothing will ever happen again");
    const base::TimePoint at = !due ? *happens : !happens ? *due : std::min(*happens, *due);
    if (at > clock_.now()) clock_.advance(at - clock_.now());
    const std::vector<run::EventBody> reports = workers_.take_reports();
    for (const run::EventBody& report : reports) {
      trace("report " + run::to_json({0, clock_.now(), report}));
    }
    if (!reports.empty()) must(engine_->handle(reports));
    if (due && *due <= clock_.now()) must(engine_->advance());
  }

  void must(const base::Result<>& done) {
    if (done) return;
    require(fate_.failed, "the engine failed: " + done.error().to_string());
    require(workers_.busy() == 0, "a job goes on though nothing can be stored of it");
    require(!engine_->advance() && !engine_->cancel("because"), "the engine forgot that it failed");
    lose_disk();
  }

  // All that failed, or one job whatever became of it.
  engine::Retry random_retry() {
    if (random_.percent(70)) return {};
    const auto& any = random_.pick(plan_.jobs);
    return {.stages = {any.name}};
  }

  bool wants_retry() {
    const auto failed = [](const run::JobState& job) {
      return !run::is_success(job.status) && job.status != JobStatus::skipped;
    };
    return std::ranges::any_of(stored_state().jobs, failed) && random_.percent(60);
  }

  // ---- invariants ----------------------------------------------------------------------------

  // The replay of the store, going on from where the last look ended.
  const run::RunState& stored_state() {
    if (!disk_.runs.contains(id_)) return stored_;
    const auto events = support::MemoryRunStore(disk_).events(id_, stored_.last_sequence);
    require(events.has_value(), "the store cannot be read");
    for (const run::Event& event : *events) {
      require(run::apply(stored_, plan_, event).has_value(), "the store cannot be replayed");
      if (const auto* retried = std::get_if<run::RunRetried>(&event.body)) forget(*retried);
    }
    return stored_;
  }

  // What was asked to run again may, and so may all that needs it.
  void forget(const run::RunRetried& retried) {
    std::set<std::size_t> again;
    for (const std::string& job : retried.jobs) again.insert(*plan_.find(job));
    for (std::size_t job = 0; job < plan_.jobs.size(); ++job) {
      const auto runs_again = [&](const plan::JobNeed& need) { return again.contains(need.job); };
      if (std::ranges::any_of(plan_.jobs[job].needs, runs_again)) again.insert(job);
      if (again.contains(job)) done_.erase(job);
    }
  }

  void check_start(const protocol::JobOrder& order) {
    trace("start " + order.job + " attempt " + std::to_string(order.attempt));
    const std::size_t job = *plan_.find(order.job);
    const run::RunState& stored = stored_state();
    require(
        stored.jobs[job].status == JobStatus::queued && stored.jobs[job].attempt == order.attempt,
        order.job + " starts without being queued in the store");
    require(!plan_.jobs[job].skip_reason, order.job + " starts though its condition does not hold");
    for (const plan::JobNeed& need : plan_.jobs[job].needs) {
      require(run::is_terminal(stored.jobs[need.job].status),
              order.job + " starts before " + plan_.jobs[need.job].name + " is over");
    }
    require(!workers_.is_busy(order.job), order.job + " has two attempts at once");
    require(workers_.busy() < spec_.jobs, "more jobs at a time than allowed");
    require(!done_.contains(job), order.job + " runs again though it succeeded");
    require(started_.emplace(order.job, order.attempt).second,
            order.job + " starts the same attempt twice");
  }

  void check_state() {
    const run::RunState& state = engine_->state();
    require(state == stored_state(), "the live state is not what the store says");
    for (std::size_t job = 0; job < state.jobs.size(); ++job) {
      const run::JobState& now = state.jobs[job];
      const bool speechless =
          now.status == JobStatus::running || now.status == JobStatus::succeeded;
      require(speechless || !now.reason.empty(), plan_.jobs[job].name + " has no reason");
      const auto done = done_.find(job);
      if (done != done_.end()) {
        require(now == done->second, plan_.jobs[job].name + " succeeded and was forgotten");
      } else if (run::is_success(now.status)) {
        done_.emplace(job, now);
      }
    }
  }

  void check_end() {
    const run::RunState& state = stored_state();
    trace("the run ends: " + std::string(run::to_string(state.status)) + " " + state.reason);
    if (engine_) check_state();
    for (std::size_t job = 0; job < state.jobs.size(); ++job) {
      require(run::is_terminal(state.jobs[job].status), plan_.jobs[job].name + " is not over");
    }
    const auto summary = support::MemoryRunStore(disk_).list({.limit = 1});
    require(summary->front().status == state.status, "the summary disagrees");
    const auto cancelled = [](const run::JobState& job) {
      return job.status == JobStatus::cancelled;
    };
    require(
        std::ranges::any_of(state.jobs, cancelled) == (state.status == run::RunStatus::cancelled),
        "a cancelled job and a run that is not, or the other way round");
  }

  Random random_;
  support::ManualClock clock_;
  plan::Plan plan_;
  run::RunSpec spec_;
  support::MemoryDisk disk_;
  support::MemoryWorkbench workbench_;
  support::SilentSink sink_;
  ScriptedWorkers workers_;
  std::unique_ptr<support::MemoryRunStore> memory_;
  std::unique_ptr<MortalStore> mortal_;
  std::unique_ptr<Engine> engine_;
  run::RunId id_ = 0;
  run::RunState stored_;
  std::set<std::pair<std::string, std::uint32_t>> started_;
  MortalStore::Fate fate_;
  engine::Retry retry_;                        // what the next coordinator is asked to run again
  std::map<std::size_t, run::JobState> done_;  // jobs that succeeded, as they did
};

}  // namespace

std::optional<std::string> play_engine(std::uint64_t seed) {
  try {
    World world(seed);
    // The second run finds the results of the first.
    world.play_run();
    world.play_run();
    return std::nullopt;
  } catch (const Broken& broken) {
    return broken.invariant;
  }
}

}  // namespace pipeline::simulation
