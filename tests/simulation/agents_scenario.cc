// A server and its agents on a fake clock, with what the protocol between them has to bear:
// messages lost, doubled, late and out of order, agents cut off, clocks that differ, machines that
// lose their power, agents and the server killed anywhere.
//
// Engine, store's contract, link, desk, endpoints, router, messages, and what an agent keeps and
// ships are the real ones. After every step: an attempt begins once, on one machine, and only with
// a lease that the server knows of; what succeeded stays and is never started again. In the end:
// the run is over, of every job that succeeded the server has each line once and in order, nothing
// runs on any machine, no agent keeps anything, and nothing was taken of an agent that had been
// given up.
#include <algorithm>
#include <memory>
#include <set>

#include "agents/link/remote/remote_link.h"
#include "pipelines/run/event_json.h"
#include "runner/engine/engine.h"
#include "runner/server/agents/agent_endpoints.h"
#include "stages/host/file.h"
#include "stages/log/format.h"
#include "tests/simulation/harness.h"
#include "tests/simulation/mortal_store.h"
#include "tests/simulation/simulated_agent.h"
#include "tests/support/engine/memory_workbench.h"
#include "tests/support/engine/recording_link.h"
#include "tests/support/manual_clock.h"
#include "tests/support/plans.h"
#include "tests/support/store/memory_run_store.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::simulation {
namespace {

namespace fs = std::filesystem;
using engine::Engine;
using run::JobStatus;
using namespace std::chrono_literals;

constexpr int kMostSteps = 60'000;
// After that fate leaves everybody alone: what is still not over then never will be.
constexpr base::Duration kTrouble = 10min;

const std::vector<std::string> kLabels = {"linux", "gpu"};

// Logs of a run are files below it.
class Workbench final : public support::MemoryWorkbench {
 public:
  explicit Workbench(fs::path root) : root_(std::move(root)) {}
  base::Result<fs::path> log_directory(run::RunId run, const std::string& job,
                                       std::uint32_t attempt) override {
    const fs::path directory = root_ / std::to_string(run) / (job + "." + std::to_string(attempt));
    fs::create_directories(directory);
    return directory;
  }

 private:
  fs::path root_;
};

// Heard in the order in which it was said, when the engine's turn comes.
class Inbox final : public link::EventSink {
 public:
  void post(run::EventBody event) override { events.push_back(std::move(event)); }
  std::vector<run::EventBody> events;
};

plan::Plan random_plan(Random& random) {
  std::vector<support::JobSketch> jobs(random.between(1, 6));
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    support::JobSketch& sketch = jobs[job];
    sketch.name = "j" + std::to_string(job);
    for (std::size_t need = 0; need < job; ++need)
      if (random.percent(25)) sketch.needs.push_back(jobs[need].name);
    sketch.allow_failure = random.percent(15);
    sketch.timeout = std::chrono::seconds(random.percent(80) ? 3600 : random.between(5, 60));
    if (random.percent(20)) sketch.work.agent.labels = {random.pick(kLabels)};
  }
  return support::make_test_plan(jobs);
}

struct Site {
  std::unique_ptr<Machine> machine;
  std::unique_ptr<SimulatedAgent> agent;
  std::optional<base::TimePoint> back_at{};  // of one that was killed
};

// What a server's process is, beside what it left on the disk.
struct Server {
  Server(support::MemoryDisk& disk, Random& random, MortalStore::Fate& fate,
         const base::Clock& clock, const server::AgentTimes& times)
      : memory(disk),
        mortal(memory, random, 1, fate),
        desk(clock, times.lease),
        endpoints(desk, clock, times),
        router(
            endpoints.endpoints(),
            [](std::string_view token) {
              return std::optional(api::Caller{std::string(token), {api::Scope::agent}});
            },
            clock) {}

  support::MemoryRunStore memory;
  MortalStore mortal;
  Inbox inbox;
  link::AgentDesk desk;
  server::AgentEndpoints endpoints;
  api::Router router;
  std::unique_ptr<link::Link> link = link::make_remote_link(
      desk, std::make_unique<support::RecordingLink>(),
      [](const protocol::JobOrder& /*order*/) { return base::Result<std::string>(""); });
  std::unique_ptr<Engine> engine;
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed),
        plan_(random_plan(random_)),
        network_(random_.fork(), clock_),
        workbench_(directory_.path() / "server") {
    spec_.pipeline = "simulated";
    spec_.jobs = 8;
    spec_.detached = true;
    network_.on_death([this] { is_struck_ = true; });
    const std::uint64_t count = random_.between(1, 3);
    for (std::uint64_t i = 0; i < count; ++i) add_site("agent-" + std::to_string(i), i == 0);
    if (!random_.percent(20)) bring_trouble();
    stored_ = run::initial_state(plan_);
  }

  void play() {
    for (Site& site : sites_) site.agent->start();
    for (int step = 0; !is_all_over(); ++step) {
      require(step < kMostSteps, "it does not end");
      try {
        if (!server_ && clock_.now() >= server_back_at_) open_server();
        wait_for_something();
        move();
        check_state();
      } catch (const Killed&) {
        bury_server();
      }
    }
    check_end();
  }

 private:
  // ---- who there is --------------------------------------------------------------------------

  void add_site(const std::string& name, bool has_all_labels) {
    Site& site = sites_.emplace_back();
    site.machine = std::make_unique<Machine>(
        random_.fork(), clock_, [this](const auto& word) { check_start(word); },
        [this](const auto& word, const std::string& said) { said_[word.attempt] = said; });
    protocol::Hello hello{.agent = name,
                          .slots = static_cast<std::uint32_t>(random_.between(1, 3))};
    for (const std::string& label : kLabels)
      if (has_all_labels || random_.percent(50)) hello.labels.push_back(label);
    const fs::path directory = directory_.path() / name;
    fs::create_directories(directory);
    site.agent = std::make_unique<SimulatedAgent>(std::move(hello), directory, *site.machine,
                                                  network_, clock_, random_.fork());
  }

  void bring_trouble() {
    is_troubled_ = true;
    network_.set_faults({.lost = random_.below(20),
                         .unanswered = random_.below(20),
                         .doubled = random_.below(20),
                         .late = random_.below(20),
                         .deadly = random_.below(3)});
    fate_ = {.lives = static_cast<int>(random_.below(4)), .failures = 0};
    for (Site& site : sites_)
      site.machine->set_faults(
          {.deaf = random_.below(40),
           .failing = random_.below(20),
           .skew = std::chrono::seconds(random_.between(0, 600)) - std::chrono::seconds(300)});
  }

  void end_trouble() {
    trace("from now on all goes well");
    is_troubled_ = false;
    network_.set_faults({});
    network_.heal();
    fate_.lives = 0;
    for (Site& site : sites_) {
      if (site.back_at) site.back_at = clock_.now();
      site.machine->set_faults({});
    }
  }

  // ---- the server ----------------------------------------------------------------------------

  void open_server() {
    trace("the server starts");
    server_ = std::make_unique<Server>(disk_, random_, fate_, clock_, times_);
    const engine::Surroundings around{server_->mortal, *server_->link, server_->inbox, clock_,
                                      workbench_};
    const bool exists = id_ != 0 && disk_.runs.contains(id_);
    if (!exists) id_ = disk_.last_id + 1;
    if (!exists || !run::is_terminal(stored_state().status)) {
      auto made = exists ? Engine::resume(around, {}, id_, plan_)
                         : Engine::create(around, {}, spec_, plan_);
      require(made.has_value(), "the run cannot be driven");
      server_->engine = *std::move(made);
    }
    // Only then agents are heard.
    network_.set_server(&server_->router);
  }

  void bury_server() {
    trace("the server dies");
    network_.set_server(nullptr);
    is_struck_ = false;
    server_.reset();
    server_back_at_ = clock_.now() + std::chrono::milliseconds(random_.below(90'000));
  }

  void move_server() {
    if (!server_) return;
    server_->endpoints.advance();
    server_->desk.advance();
    if (!server_->engine || server_->engine->finished()) return server_->inbox.events.clear();
    if (is_troubled_ && random_.below(3000) == 0) must(server_->engine->cancel("because"));
    const auto heard = std::exchange(server_->inbox.events, {});
    if (!heard.empty()) must(server_->engine->handle(heard));
    const auto due = server_->engine->deadline();
    if (due && *due <= clock_.now()) must(server_->engine->advance());
    // Its links are a run's: they end with it, and agents are told.
    if (server_->engine->finished()) {
      server_->engine.reset();
      server_->link.reset();
    }
  }

  static void must(const base::Result<>& done) {
    require(done.has_value(), "the engine failed: " + (done ? "" : done.error().to_string()));
  }

  // ---- time ----------------------------------------------------------------------------------

  void wait_for_something() {
    std::optional<base::TimePoint> first;
    const auto consider = [&](std::optional<base::TimePoint> at) {
      if (at && (!first || *at < *first)) first = at;
    };
    if (server_) {
      if (!server_->inbox.events.empty()) return;
      consider(server_->endpoints.deadline());
      consider(server_->desk.deadline());
      if (server_->engine) consider(server_->engine->deadline());
    } else {
      consider(server_back_at_);
    }
    for (const Site& site : sites_) {
      consider(site.machine->next());
      consider(site.back_at);
      if (site.agent->is_alive()) consider(site.agent->next());
    }
    consider(network_.next());
    require(first.has_value(), "nothing will ever happen again");
    if (*first > clock_.now()) clock_.advance(*first - clock_.now());
  }

  void move() {
    if (is_troubled_ && clock_.now() - began_ > kTrouble) end_trouble();
    network_.deliver_late();
    for (Site& site : sites_) {
      site.machine->advance();
      if (is_troubled_) strike(site);
      if (site.back_at && *site.back_at <= clock_.now()) {
        site.back_at.reset();
        site.agent->start();
      }
      if (site.agent->is_alive() && site.agent->next() <= clock_.now()) site.agent->step();
    }
    if (is_struck_ || (is_troubled_ && server_ && random_.below(2000) == 0)) throw Killed{};
    move_server();
  }

  void strike(Site& site) {
    const auto a_while = [this] { return std::chrono::milliseconds(random_.below(120'000)); };
    if (random_.below(500) == 0) network_.cut_off(site.agent->name(), clock_.now() + a_while());
    if (!site.agent->is_alive() || random_.below(400) != 0) return;
    site.agent->kill();
    if (random_.percent(30)) site.machine->reboot();
    site.back_at = clock_.now() + a_while();
  }

  // ---- invariants ----------------------------------------------------------------------------

  // The replay of the store, going on from where the last look ended.
  const run::RunState& stored_state() {
    if (!disk_.runs.contains(id_)) return stored_;
    const auto events = support::MemoryRunStore(disk_).events(id_, stored_.last_sequence);
    require(events.has_value(), "the store cannot be read");
    for (const run::Event& event : *events) {
      trace(run::to_json(event));
      require(run::apply(stored_, plan_, event).has_value(), "the store cannot be replayed");
      if (const auto* finished = std::get_if<run::JobFinished>(&event.body)) note_end(*finished);
    }
    return stored_;
  }

  std::string log_on_server(const std::string& job, std::uint32_t attempt) {
    const auto directory = workbench_.log_directory(id_, job, attempt);
    return host::read_file(*directory / log::kLogName).value_or("");
  }

  // Of an agent that was given up nothing more is taken.
  void note_end(const run::JobFinished& finished) {
    if (!finished.reason.starts_with("agent lost")) return;
    lost_[{id_, finished.job, finished.attempt}] =
        log_on_server(finished.job, finished.attempt).size();
  }

  void check_start(const protocol::AttemptWord& word) {
    const auto& [run, job, attempt] = word.attempt;
    trace("begins: " + job + " attempt " + std::to_string(attempt));
    require(started_.insert(word.attempt).second, job + " begins the same attempt twice");
    const auto number = plan_.find(job);
    require(number.has_value(), "a job that is none begins");
    require(!done_.contains(*number), job + " begins again though it succeeded");
    require(stored_state().jobs[*number].attempt >= attempt, job + " begins before it is its turn");
  }

  void check_state() {
    const run::RunState& state = stored_state();
    if (server_ && server_->engine)
      require(server_->engine->state() == state, "the live state is not what the store says");
    for (std::size_t job = 0; job < state.jobs.size(); ++job) {
      const run::JobState& now = state.jobs[job];
      const auto done = done_.find(job);
      if (done != done_.end())
        require(now == done->second, plan_.jobs[job].name + " succeeded and was forgotten");
      else if (now.status == JobStatus::succeeded)
        done_.emplace(job, now);
    }
  }

  // The run is, no job goes on, and all agents wait for work again.
  bool is_all_over() {
    if (!server_ || !run::is_terminal(stored_state().status)) return false;
    if (network_.next()) return false;
    return std::ranges::all_of(sites_, [](const Site& site) {
      return site.machine->running() == 0 && site.agent->is_alive() && site.agent->has_nothing();
    });
  }

  void check_end() {
    const run::RunState& state = stored_state();
    trace("the run ends: " + std::string(run::to_string(state.status)) + " " + state.reason);
    for (std::size_t job = 0; job < state.jobs.size(); ++job)
      require(run::is_terminal(state.jobs[job].status), plan_.jobs[job].name + " is not over");
    for (const auto& [job, done] : done_) {
      const std::string& name = plan_.jobs[job].name;
      const auto said = said_.find({id_, name, done.attempt});
      require(said != said_.end(), name + " succeeded, and no machine has run it to its end");
      require(log_on_server(name, done.attempt) == said->second,
              "the server's log of " + name + " is not what the job said");
    }
    for (const auto& [attempt, size] : lost_)
      require(log_on_server(attempt.job, attempt.attempt).size() == size,
              attempt.job + " was given up, and its log has grown since");
    const auto counts = server_->desk.counts();
    require(counts.offered + counts.leased == 0, "the desk has forgotten to forget");
  }

  Random random_;
  support::ManualClock clock_;
  const base::TimePoint began_ = clock_.now();
  const server::AgentTimes times_{};
  support::TemporaryDirectory directory_;
  plan::Plan plan_;
  run::RunSpec spec_;
  support::MemoryDisk disk_;
  Network network_;
  Workbench workbench_;
  MortalStore::Fate fate_;
  std::vector<Site> sites_;
  std::unique_ptr<Server> server_;
  base::TimePoint server_back_at_{};
  bool is_troubled_ = false;
  bool is_struck_ = false;  // the server, by a request
  run::RunId id_ = 0;
  run::RunState stored_;
  std::set<protocol::AttemptKey> started_;
  std::map<protocol::AttemptKey, std::string> said_;  // by attempts that ended by themselves
  std::map<protocol::AttemptKey, std::size_t> lost_;  // how long their logs were then
  std::map<std::size_t, run::JobState> done_;         // jobs that succeeded, as they did
};

}  // namespace

std::optional<std::string> play_agents(std::uint64_t seed) {
  try {
    World(seed).play();
    return std::nullopt;
  } catch (const Broken& broken) {
    return broken.invariant;
  }
}

}  // namespace pipeline::simulation
