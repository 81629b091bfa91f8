// How the server is, for those that watch it: whether it answers, whether it can work, and its
// metrics.
//
// Threads: the server's.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "agents/link/remote/agent_desk.h"
#include "runner/serve/run_counters.h"
#include "runner/server/agents/agent_roster.h"
#include "runner/server/api/endpoint.h"
#include "runner/server/api/metric_text.h"
#include "runner/store/run_store.h"

namespace pipeline::serve {

class HealthEndpoints {
 public:
  struct Watched {
    const base::Clock& clock;
    const RunCounters& counters;
    const server::AgentRoster& agents;
    link::AgentDesk& desk;
    store::RunStore& store;  // the server's thread's own
    std::function<std::size_t()> runs_under_way;
    std::function<std::size_t()> connections;
    std::function<void(api::MetricText& text)> add_more{};  // metrics of others
  };
  // All outlive it.
  explicit HealthEndpoints(Watched watched) : watched_(std::move(watched)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void ready(const api::Call& call) const;
  void metrics(const api::Call& call) const;
  std::string metric_text() const;

  const Watched watched_;
};

}  // namespace pipeline::serve
