#include "agents/agent/agent.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "agents/agent/attempt_run.h"
#include "pipelines/base/size.h"
#include "pipelines/base/text.h"
#include "pipelines/base/version.h"

namespace pipeline::agent {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using namespace std::chrono_literals;
using protocol::AttemptWord;
using protocol::Grant;
using protocol::Instruction;

constexpr base::Duration kBeat = 1s;
constexpr base::Duration kTidy = 10min;
// What was used so lately may be wanted by what is about to begin.
constexpr base::Duration kGrace = 1h;

bool is_gone(const Error& error) {
  return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out;
}

// Everything that the threads of an agent share.
class Crew {
 public:
  Crew(const AgentSettings& settings, const AgentTools& tools)
      : settings_(settings), tools_(tools) {}

  Result<> work(const std::stop_token& stop);

 private:
  // A connection that ends with the crew.
  class Line {
   public:
    explicit Line(Crew& crew) : crew_(crew), port_(crew.tools_.connect()) {
      const std::scoped_lock guard(crew_.mutex_);
      if (crew_.is_stopping_) port_->cancel();
      crew_.ports_.push_back(port_.get());
    }
    ~Line() {
      const std::scoped_lock guard(crew_.mutex_);
      std::erase(crew_.ports_, port_.get());
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ServerPort& operator*() { return *port_; }
    ServerPort* operator->() { return port_.get(); }

   private:
    Crew& crew_;
    std::unique_ptr<ServerPort> port_;
  };

  Result<> register_here();
  Result<> try_to_register(ServerPort& server);
  void fill_slot(bool is_extra);
  // False: there is nothing more for this slot to do.
  bool take_one(Line& line);
  void begin(Line& line, Grant grant);
  // What the server wants done with it now that it knows that we have it; none: the crew stops.
  std::optional<std::vector<Instruction>> confirm(Line& line, const AttemptWord& word);
  void see_through(KeptAttempt kept, std::optional<Grant> grant);
  void beat();
  void tidy();
  std::optional<KeptAttempt> next_left_over();
  std::vector<AttemptWord> words();
  base::Duration heartbeat();
  std::optional<protocol::MachineState> machine() const;
  void pass_on(const Instruction& instruction);
  // What a call failed with: waits before the next one, registers again, or gives up.
  void meet(const Error& error, Line& line);
  void stop(std::optional<Error> error = std::nullopt);
  void stop_if_nothing_is_left();
  // False when the crew stops meanwhile.
  bool pause(base::Duration how_long);
  base::Duration some_time();

  const AgentSettings& settings_;
  const AgentTools& tools_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  protocol::Welcome welcome_;
  std::deque<KeptAttempt> left_over_;
  std::vector<AttemptRun*> runs_;
  std::vector<ServerPort*> ports_;
  std::optional<Error> refused_;
  bool is_stopping_ = false;
  bool had_one_ = false;
  std::minstd_rand random_{std::random_device()()};
};

Result<> Crew::work(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] { this->stop(); });
  PIPELINE_TRY(register_here());
  if (stop.stop_requested()) return {};
  PIPELINE_ASSIGN(auto kept, tools_.keep.all());
  left_over_.assign(std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
  const std::size_t slots = settings_.hello.slots;
  const std::size_t threads = std::max(slots, left_over_.size());
  {
    std::vector<std::jthread> crew;
    crew.reserve(threads + 2);
    crew.emplace_back([this] { beat(); });
    if (settings_.keep_bytes) crew.emplace_back([this] { tidy(); });
    for (std::size_t i = 0; i < threads; ++i)
      crew.emplace_back([this, is_extra = i >= slots] { fill_slot(is_extra); });
  }
  if (refused_) return base::fail(*refused_);
  // On a line of its own: those of the crew are cut. A server that does not hear it misses nothing.
  if (const auto server = tools_.connect()) (void)server->farewell();
  return {};
}

// A server that is not there yet is waited for.
Result<> Crew::register_here() {
  Line line(*this);
  while (true) {
    auto welcome = try_to_register(*line);
    if (welcome || !is_gone(welcome.error())) return welcome;
    tools_.tell(welcome.error().to_string() + "; trying again");
    if (!pause(some_time())) return {};
  }
}

Result<> Crew::try_to_register(ServerPort& server) {
  PIPELINE_ASSIGN(const protocol::Welcome welcome, server.register_agent(settings_.hello));
  const std::string& program = settings_.hello.program;
  const std::scoped_lock guard(mutex_);
  // Once for each version, however often it has to register again.
  if (base::is_older(program, welcome.program) && welcome_.program != welcome.program)
    tools_.tell(base::join({"the server has version ", welcome.program, ", this agent ", program,
                            ": install the same on this machine"},
                           ""));
  welcome_ = welcome;
  return {};
}

void Crew::fill_slot(bool is_extra) {
  Line line(*this);
  while (auto kept = next_left_over()) see_through(*std::move(kept), std::nullopt);
  if (is_extra) return;
  while (take_one(line)) {
  }
  if (settings_.once) stop_if_nothing_is_left();
}

std::optional<KeptAttempt> Crew::next_left_over() {
  const std::scoped_lock guard(mutex_);
  if (left_over_.empty() || is_stopping_) return std::nullopt;
  KeptAttempt kept = std::move(left_over_.front());
  left_over_.pop_front();
  return kept;
}

bool Crew::take_one(Line& line) {
  {
    const std::scoped_lock guard(mutex_);
    if (is_stopping_ || (settings_.once && had_one_)) return false;
  }
  auto grant = line->ask();
  if (!grant)
    meet(grant.error(), line);
  else if (*grant)
    begin(line, *std::move(*grant));
  return true;
}

// It is kept before it is taken: a server that has heard of it is never left without a word.
void Crew::begin(Line& line, Grant grant) {
  const AttemptWord word{{grant.order.run, grant.order.job, grant.order.attempt}, grant.fence};
  auto kept = tools_.keep.keep(word);
  if (!kept) {
    // Not taken, it is soon offered again: to somebody whose disk is not full.
    tools_.tell(kept.error().to_string());
    pause(some_time());
    return;
  }
  const auto told = confirm(line, word);
  // Nobody says whether it was taken: it stays kept, and the next agent of this directory asks.
  if (!told) return;
  const bool is_dropped = std::ranges::any_of(*told, [&](const Instruction& instruction) {
    return instruction.attempt == word.attempt && instruction.kind == Instruction::Kind::drop;
  });
  if (is_dropped) return (void)AttemptKeep::forget(*kept);
  {
    const std::scoped_lock guard(mutex_);
    had_one_ = true;
  }
  see_through(*std::move(kept), std::move(grant));
}

// A server that does not answer may have heard it all the same, and its answer was lost.
std::optional<std::vector<Instruction>> Crew::confirm(Line& line, const AttemptWord& word) {
  while (true) {
    auto told = line->heartbeat({.attempts = {word}});
    if (told) return *std::move(told);
    meet(told.error(), line);
    const std::scoped_lock guard(mutex_);
    if (is_stopping_) return std::nullopt;
  }
}

void Crew::see_through(KeptAttempt kept, std::optional<Grant> grant) {
  auto run = AttemptRun::make(tools_, std::move(kept));
  if (!run) return tools_.tell(run.error().to_string());
  {
    const std::scoped_lock guard(mutex_);
    runs_.push_back(run->get());
    if (is_stopping_) (*run)->leave();
  }
  (*run)->run(std::move(grant));
  const std::scoped_lock guard(mutex_);
  std::erase(runs_, run->get());
}

std::vector<AttemptWord> Crew::words() {
  const std::scoped_lock guard(mutex_);
  std::vector<AttemptWord> words;
  for (const AttemptRun* run : runs_) words.push_back(run->word());
  for (const KeptAttempt& kept : left_over_) words.push_back(kept.word);
  return words;
}

void Crew::pass_on(const Instruction& instruction) {
  const std::scoped_lock guard(mutex_);
  for (AttemptRun* const run : runs_)
    if (run->word().attempt == instruction.attempt) run->instruct(instruction);
}

// As often as the server wants it; with jobs more often, since what is to be done with them comes
// with the reply.
void Crew::beat() {
  Line line(*this);
  base::Duration silent = heartbeat();  // the first one soon: it tells of the machine
  while (pause(kBeat)) {
    silent += kBeat;
    const std::vector<AttemptWord> held = words();
    if (held.empty() && silent < heartbeat()) continue;
    silent = base::Duration(0);
    const auto told = line->heartbeat({.attempts = held, .machine = machine()});
    if (!told)
      meet(told.error(), line);
    else
      for (const Instruction& instruction : *told) pass_on(instruction);
  }
}

// On a thread of its own: it may take long, and nobody waits for it.
void Crew::tidy() {
  do {
    base::TimePoint before = tools_.clock.now() - kGrace;
    if (const auto oldest = tools_.keep.oldest()) before = std::min(before, *oldest);
    const auto tidied = tools_.supplies.tidy(*settings_.keep_bytes, before);
    if (!tidied) {
      tools_.tell("what earlier jobs made and used stays: " + tidied.error().to_string());
    } else if (tidied->count > 0) {
      tools_.tell(std::to_string(tidied->count) + " things that earlier jobs made or used went, " +
                  base::format_size(tidied->bytes));
    }
  } while (pause(kTidy));
}

std::optional<protocol::MachineState> Crew::machine() const {
  if (!tools_.look_at_machine) return std::nullopt;
  return tools_.look_at_machine();
}

base::Duration Crew::heartbeat() {
  const std::scoped_lock guard(mutex_);
  return welcome_.heartbeat;
}

void Crew::meet(const Error& error, Line& line) {
  if (error.kind() == ErrorKind::not_found) {
    const auto welcome = try_to_register(*line);
    if (welcome) return;
    if (!is_gone(welcome.error())) return stop(welcome.error());
  } else if (!is_gone(error) && error.kind() != ErrorKind::cancelled) {
    return stop(error);
  }
  pause(some_time());
}

void Crew::stop(std::optional<Error> error) {
  const std::scoped_lock guard(mutex_);
  if (error && !refused_ && !is_stopping_) refused_ = std::move(error);
  is_stopping_ = true;
  for (ServerPort* const port : ports_) port->cancel();
  for (AttemptRun* const run : runs_) run->leave();
  changed_.notify_all();
}

void Crew::stop_if_nothing_is_left() {
  {
    const std::scoped_lock guard(mutex_);
    if (!runs_.empty() || !left_over_.empty()) return;
  }
  stop();
}

bool Crew::pause(base::Duration how_long) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, how_long, [this] { return is_stopping_; });
  return !is_stopping_;
}

// Many agents must not come back to a server at once.
base::Duration Crew::some_time() {
  const std::scoped_lock guard(mutex_);
  return base::Duration(std::uniform_int_distribution<base::Duration::rep>(500, 3000)(random_));
}

}  // namespace

Result<> run_agent(const AgentSettings& settings, const AgentTools& tools,
                   const std::stop_token& stop) {
  return Crew(settings, tools).work(stop);
}

}  // namespace pipeline::agent
