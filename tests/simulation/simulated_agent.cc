#include "tests/simulation/simulated_agent.h"

#include <algorithm>

#include "agents/agent/http_server_port.h"
#include "agents/link/ending.h"
#include "agents/protocol/agent_messages_json.h"

namespace pipeline::simulation {

namespace {

using base::ErrorKind;
using base::Result;
using protocol::Instruction;
using Fate = Machine::Fate;

constexpr std::chrono::seconds kPatience(50);

}  // namespace

SimulatedAgent::SimulatedAgent(protocol::Hello hello, const std::filesystem::path& directory,
                               Machine& machine, Network& network, const base::Clock& clock,
                               Random random)
    : hello_(std::move(hello)),
      keep_(directory),
      directory_(directory),
      machine_(machine),
      network_(network),
      clock_(clock),
      random_(random) {}

void SimulatedAgent::start() {
  trace(name() + " starts");
  server_ = agent::make_server_port_by(network_.client_of(name()), {}, name(), name());
  is_alive_ = true;
  is_known_ = false;
  next_ = clock_.now();
  take_up_left_over();
}

void SimulatedAgent::kill() {
  trace(name() + " is killed");
  is_alive_ = false;
  held_.clear();
  // A server may hear that the connections ended, or not before it notices by itself.
  for (const Ask& ask : std::exchange(asks_, {}))
    if (random_.percent(50)) network_.hang_up(ask.waiting);
}

bool SimulatedAgent::has_nothing() const {
  const auto kept = keep_.all();
  return kept && kept->empty();
}

SimulatedAgent::Held& SimulatedAgent::hold(agent::KeptAttempt kept, Held::Stage stage) {
  agent::Shipper shipper(kept.logs(), kept.word);
  held_.push_back({.kept = std::move(kept), .shipper = std::move(shipper), .stage = stage});
  return held_.back();
}

void SimulatedAgent::take_up_left_over() {
  auto kept = keep_.all();
  require(kept.has_value(), "an agent cannot read what it kept");
  // A directory has no order of its own.
  std::ranges::sort(*kept, {}, &agent::KeptAttempt::directory);
  for (agent::KeptAttempt& one : *kept) {
    const auto& attempt = one.word.attempt;
    const Fate fate = machine_.fate_of(one.logs());
    Held& held = hold(std::move(one), Held::Stage::goes_on);
    if (fate == Fate::never_began) {
      held.told_end = link::ending(attempt.job, attempt.attempt, run::JobStatus::errored,
                                   "interrupted: the agent died before the job began");
      held.told_end->unstarted = true;
    } else if (fate == Fate::died) {
      held.told_end = link::ending(attempt.job, attempt.attempt, run::JobStatus::errored,
                                   "interrupted: its supervisor died");
    }
  }
}

void SimulatedAgent::step() {
  next_ = clock_.now() + std::chrono::milliseconds(random_.between(500, 3000));
  if (!is_known_) register_here();
  if (!is_known_) return;
  beat();
  look_at_answers();
  for (Held& held : held_) see_to(held);
  std::erase_if(held_, [](const Held& held) { return held.stage == Held::Stage::over; });
  ask_for_work();
}

void SimulatedAgent::register_here() {
  const auto welcome = server_->register_agent(hello_);
  is_known_ = welcome.has_value();
  require(is_known_ || welcome.error().kind() == ErrorKind::unavailable,
          "a server does not want an agent: " + (welcome ? "" : welcome.error().to_string()));
}

void SimulatedAgent::met(const base::Error& error) {
  if (error.kind() == ErrorKind::not_found) is_known_ = false;
}

void SimulatedAgent::beat() {
  std::vector<protocol::AttemptWord> words;
  for (const Held& held : held_)
    if (held.stage == Held::Stage::goes_on) words.push_back(held.kept.word);
  const auto told = server_->heartbeat({.attempts = words});
  if (!told) return met(told.error());
  for (const Instruction& instruction : *told) obey(instruction);
}

void SimulatedAgent::obey(const Instruction& instruction) {
  for (Held& held : held_) {
    if (held.kept.word.attempt != instruction.attempt) continue;
    trace(name() + " is told to end " + instruction.attempt.job);
    if (instruction.kind == Instruction::Kind::drop) {
      held.is_dropped = true;
    } else if (instruction.kind == Instruction::Kind::stop) {
      machine_.stop(held.kept.logs(), instruction.as, instruction.reason);
    } else {
      machine_.kill(held.kept.logs(), instruction.reason);
    }
  }
}

void SimulatedAgent::ask_for_work() {
  while (is_known_ && asks_.size() + held_.size() < hello_.slots) {
    auto waiting =
        network_.ask(name(), {.method = "POST", .path = "/api/v1/agents/" + name() + "/lease"});
    if (!waiting) return;
    asks_.push_back({*std::move(waiting), clock_.now() + kPatience});
  }
}

void SimulatedAgent::look_at_answers() {
  std::vector<Ask> over;
  std::erase_if(asks_, [&](Ask& ask) {
    const bool is_over = ask.waiting.exchange->answered.has_value() ||
                         network_.is_broken(ask.waiting) || ask.until <= clock_.now();
    if (is_over) over.push_back(std::move(ask));
    return is_over;
  });
  for (const Ask& ask : over) {
    const auto& answer = ask.waiting.exchange->answered;
    if (!answer || network_.loses_answer()) {
      // The server may hear of it late.
      if (random_.percent(50)) network_.hang_up(ask.waiting);
      continue;
    }
    if (answer->status == 404) is_known_ = false;
    if (answer->status != 200) continue;
    const auto grant = protocol::message_from_json<protocol::Grant>(answer->body);
    require(grant.has_value(), "an agent does not understand a grant");
    begin(*grant);
    if (random_.percent(5)) network_.hang_up(ask.waiting);  // the last word on that connection
  }
}

void SimulatedAgent::begin(const protocol::Grant& grant) {
  const auto& order = grant.order;
  auto kept = keep_.keep({{order.run, order.job, order.attempt}, grant.fence});
  require(kept.has_value(), "an agent cannot keep an attempt");
  hold(*std::move(kept), Held::Stage::unconfirmed);
}

void SimulatedAgent::confirm(Held& held) {
  const auto told = server_->heartbeat({.attempts = {held.kept.word}});
  if (!told) return met(told.error());
  const bool is_dropped = std::ranges::any_of(*told, [&](const Instruction& instruction) {
    return instruction.attempt == held.kept.word.attempt &&
           instruction.kind == Instruction::Kind::drop;
  });
  if (is_dropped) return end(held);
  machine_.start(held.kept.logs(), held.kept.word);
  held.stage = Held::Stage::goes_on;
}

void SimulatedAgent::see_to(Held& held) {
  if (held.stage == Held::Stage::unconfirmed) return confirm(held);
  if (held.is_dropped) return end(held);
  const auto brought = bring(held);
  if (!brought && brought.error().kind() == ErrorKind::conflict) return end(held);
  if (!brought) return met(brought.error());
  if (*brought) end(held);
}

Result<bool> SimulatedAgent::bring(Held& held) {
  PIPELINE_TRY(held.shipper.ship(*server_));
  if (!held.shipper.end()) {
    if (!held.told_end) return false;
    PIPELINE_TRY(held.shipper.write_end(*held.told_end, clock_));
  }
  PIPELINE_TRY(held.shipper.finish(*server_));
  return true;
}

void SimulatedAgent::end(Held& held) {
  trace(name() + " is done with " + held.kept.word.attempt.job);
  machine_.kill(held.kept.logs(), "dropped");
  machine_.forget(held.kept.logs());
  require(agent::AttemptKeep::forget(held.kept).has_value(), "an agent cannot forget an attempt");
  held.stage = Held::Stage::over;
}

}  // namespace pipeline::simulation
