// The server over HTTP; agents/protocol/agent_messages.h says how.
#pragma once

#include <memory>
#include <string>

#include "agents/agent/server_port.h"
#include "agents/http/http_client.h"

namespace pipeline::agent {

std::unique_ptr<ServerPort> make_http_server_port(http_client::Settings settings,
                                                  const std::string& agent);

// By a client that was made elsewhere, for the server at `address`.
std::unique_ptr<ServerPort> make_server_port_by(std::unique_ptr<http_client::HttpClient> client,
                                                http_client::ServerAddress address,
                                                std::string token, const std::string& agent);

}  // namespace pipeline::agent
