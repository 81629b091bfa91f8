// The tickets of change streams, by a key that outlives the server: an application that was cut off
// comes back to the next server with the address that it has.
//
// Threads: the server's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "runner/server/ofrep/stream_ticket.h"
#include "runner/store/secret_vault.h"

namespace pipeline::serve {

class StreamKey {
 public:
  // All outlive it. `tell`: what an operator should know.
  StreamKey(store::SecretVault& secrets, const base::Clock& clock,
            std::function<void(const std::string& line)> tell)
      : secrets_(secrets), clock_(clock), tell_(std::move(tell)) {}

  // The key is looked at, or made, when it is first needed. One that cannot be kept is told of, and
  // good for this server only.
  const ofrep::StreamTickets& tickets();

 private:
  base::Result<std::string> keep_key();

  store::SecretVault& secrets_;
  const base::Clock& clock_;
  const std::function<void(const std::string&)> tell_;
  std::optional<ofrep::StreamTickets> tickets_;
};

}  // namespace pipeline::serve
