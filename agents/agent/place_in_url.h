// How requests of an agent name it, and an attempt that it has.
#pragma once

#include <string>

#include "agents/http/server_address.h"
#include "agents/protocol/agent_messages.h"

namespace pipeline::agent {

inline std::string path_of_agent(const std::string& agent) {
  return "/api/v1/agents/" + http_client::escaped(agent);
}

inline std::string query_of(const protocol::AttemptWord& word) {
  const auto& [run, job, attempt] = word.attempt;
  return "run=" + std::to_string(run) + "&job=" + http_client::escaped(job) +
         "&attempt=" + std::to_string(attempt) + "&fence=" + std::to_string(word.fence);
}

}  // namespace pipeline::agent
