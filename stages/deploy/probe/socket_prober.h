// Prober over plain sockets: host::probe_endpoint().
#pragma once

#include "stages/deploy/prober.h"

namespace pipeline::deploy::probe {

class SocketProber final : public Prober {
 public:
  base::Result<> probe(const std::string& host, std::uint16_t port,
                       const model::HealthCheck& check) override;
};

}  // namespace pipeline::deploy::probe
