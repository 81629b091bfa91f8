// An agent on a fake clock: does what agents/agent does with threads, one step at a time, with its
// parts that need none (what it keeps, how it ships, how it speaks).
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/agent/attempt_keep.h"
#include "agents/agent/server_port.h"
#include "agents/agent/shipper.h"
#include "pipelines/base/clock.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/network.h"

namespace pipeline::simulation {

class SimulatedAgent {
 public:
  // Keeps its attempts below `directory`, which outlives it.
  SimulatedAgent(protocol::Hello hello, const std::filesystem::path& directory, Machine& machine,
                 Network& network, const base::Clock& clock, Random random);

  const std::string& name() const { return hello_.agent; }
  // A process of it begins, with what an earlier one left.
  void start();
  // kill -9: its machine goes on.
  void kill();
  bool is_alive() const { return is_alive_; }
  // When it does something next, while it is alive.
  base::TimePoint next() const { return next_; }
  // Everything that there is to do by now.
  void step();
  // Nothing on its disk is left to be brought.
  bool has_nothing() const;

 private:
  struct Held {
    agent::KeptAttempt kept;
    agent::Shipper shipper;
    enum class Stage { unconfirmed, goes_on, over };
    Stage stage = Stage::unconfirmed;
    bool is_dropped = false;
    std::optional<run::JobFinished> told_end{};
  };
  struct Ask {
    Network::Waiting waiting;
    base::TimePoint until;  // its patience
  };

  Held& hold(agent::KeptAttempt kept, Held::Stage stage);
  void take_up_left_over();
  void register_here();
  void beat();
  void obey(const protocol::Instruction& instruction);
  void ask_for_work();
  void look_at_answers();
  void begin(const protocol::Grant& grant);
  void confirm(Held& held);
  void see_to(Held& held);
  base::Result<bool> bring(Held& held);
  void end(Held& held);
  void met(const base::Error& error);

  const protocol::Hello hello_;
  agent::AttemptKeep keep_;
  const std::filesystem::path directory_;
  Machine& machine_;
  Network& network_;
  const base::Clock& clock_;
  Random random_;
  std::unique_ptr<agent::ServerPort> server_;
  bool is_alive_ = false;
  bool is_known_ = false;
  base::TimePoint next_{};
  std::list<Held> held_;
  std::vector<Ask> asks_;
};

}  // namespace pipeline::simulation
