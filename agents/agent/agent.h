// An agent: registers with its server, asks for as many jobs as it has slots, and sees each to its
// end. What a killed agent left is taken up when one is started again on the same directory.
//
// Every job has a thread and a connection of its own, as has the heartbeat; nothing waits for
// anything else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agents/agent/attempt_keep.h"
#include "agents/agent/server_port.h"
#include "agents/agent/supplies.h"
#include "agents/link/link.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::agent {

struct AgentSettings {
  protocol::Hello hello{};
  bool once = false;  // one job, and then no more
  // Outputs and artifacts that are kept for later jobs, together: beyond it, what was not used for
  // longest goes, unless that was within the last hour. None: all stay.
  std::optional<std::uint64_t> keep_bytes{};
};

struct AgentTools {
  std::function<std::unique_ptr<ServerPort>()> connect;
  // The link to run one attempt by; what it starts must be able to go on without it (Link::leave).
  std::function<base::Result<std::unique_ptr<link::Link>>()> make_link;
  const AttemptKeep& keep;
  const Supplies& supplies;
  const base::Clock& clock;
  // What an operator should know; from any thread.
  std::function<void(const std::string& line)> tell;
  // How this machine is; may be empty. From one thread.
  std::function<protocol::MachineState()> look_at_machine{};
  // How drivers of deployments reach the journal, but for the fence of their lease.
  protocol::JournalAccess journal{};
};

// Until it is stopped (its jobs go on without it), or, once, until the job is over. Fails when the
// server refuses the agent. What the tools refer to outlives the call.
base::Result<> run_agent(const AgentSettings& settings, const AgentTools& tools,
                         const std::stop_token& stop);

}  // namespace pipeline::agent
