#include "stages/deploy/probe/socket_prober.h"

#include "stages/host/endpoint_probe.h"

namespace pipeline::deploy::probe {

base::Result<> SocketProber::probe(const std::string& host, std::uint16_t port,
                                   const model::HealthCheck& check) {
  return host::probe_endpoint({host, port}, check.http_path, check.timeout);
}

}  // namespace pipeline::deploy::probe
