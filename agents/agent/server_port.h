// What an agent asks of its server. A port: http_server_port.h is the real one.
//
// Calls block; an object belongs to one thread at a time, cancel() to any. Errors: unavailable and
// timed_out when the server is not to be reached (it may come back), not_found when it does not
// know the agent (it was started again: register), conflict when a lease is over, cancelled;
// anything else is a refusal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/protocol/agent_messages.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::agent {

enum class BlobKind { layer, artifact };

class ServerPort {
 public:
  virtual ~ServerPort() = default;

  virtual base::Result<protocol::Welcome> register_agent(const protocol::Hello& hello) = 0;
  virtual base::Result<> farewell() = 0;
  // None: no work for now.
  virtual base::Result<std::optional<protocol::Grant>> ask() = 0;
  virtual base::Result<std::vector<protocol::Instruction>> heartbeat(
      const protocol::Heartbeat& heartbeat) = 0;
  // How long the server's file is now.
  virtual base::Result<std::uint64_t> append(const protocol::AttemptWord& word,
                                             const std::string& file, std::uint64_t offset,
                                             std::string_view bytes) = 0;

  virtual base::Result<bool> has(BlobKind kind, const base::Digest& digest) = 0;
  virtual base::Result<> put(BlobKind kind, const base::Digest& digest,
                             const std::filesystem::path& file) = 0;
  virtual base::Result<> get(BlobKind kind, const base::Digest& digest,
                             const std::filesystem::path& file) = 0;
  // A URL that git can fetch a grant's trees from, credentials included.
  virtual std::string url_of(const std::string& trees) const = 0;

  // Ends the call that is under way, and fails every later one.
  virtual void cancel() = 0;
};

}  // namespace pipeline::agent
