// Prober over plain sockets: one request on a connection of its own, nothing kept. Only the status
// line of the answer is read. The check's timeout is for everything together.
#pragma once

#include "stages/deploy/prober.h"

namespace pipeline::deploy::probe {

class SocketProber final : public Prober {
 public:
  base::Result<> probe(const std::string& host, std::uint16_t port,
                       const model::HealthCheck& check) override;
};

}  // namespace pipeline::deploy::probe
