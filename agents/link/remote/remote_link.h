// A run's way to the agents of a server: attempts that run commands are offered at the desk, and
// deployments to environments that are on machines of agents; others (approvals, other deployments,
// child runs) stay with a worker of this process.
//
// An agent that still has an attempt when the link is destroyed is told to drop it with its next
// word. So a server that only goes for a while stops hearing its agents first: the next one takes
// up what they have.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agents/link/link.h"
#include "agents/link/remote/agent_desk.h"

namespace pipeline::link {

// Makes an order's tree something that agents can fetch: what Grant::trees says.
using PublishTree = std::function<base::Result<std::string>(const protocol::JobOrder& order)>;

// Whether a deployment is an agent's to carry out. Fills in what the agent has to know of where it
// is.
using RouteDeployment = std::function<base::Result<bool>(protocol::JobOrder& order)>;

// The desk outlives it. For one run.
std::unique_ptr<Link> make_remote_link(AgentDesk& desk, std::unique_ptr<Link> inner,
                                       PublishTree publish, RouteDeployment route = {});

}  // namespace pipeline::link
