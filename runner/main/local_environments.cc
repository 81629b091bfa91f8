#include "runner/main/local_environments.h"

#include "stages/deploy/gates/standard_gates.h"
#include "stages/deploy/haproxy/haproxy_switch.h"
#include "stages/deploy/probe/socket_prober.h"
#include "stages/deploy/process/process_target.h"

namespace pipeline {

base::Result<deploy::EnvironmentPorts> LocalEnvironments::open(
    const deploy::EnvironmentKey& key, const model::Environment& environment) {
  const auto directory = paths_.environment(key.pipeline, key.environment);
  const artifact::ArtifactStore& artifacts = step_.artifacts;
  deploy::EnvironmentPorts ports;
  ports.target = std::make_unique<deploy::process::ProcessTarget>(
      directory,
      deploy::process::Artifacts{
          [&artifacts](const base::Digest& digest) { return artifacts.verify(digest); },
          [&artifacts](const base::Digest& digest, const std::filesystem::path& destination) {
            return artifacts.unpack(digest, destination);
          }},
      helpers_.instance);
  ports.traffic = std::make_unique<deploy::haproxy::HaproxySwitch>(
      directory / "switch", environment.traffic, environment.health);
  ports.prober = std::make_unique<deploy::probe::SocketProber>();
  ports.gates = std::make_unique<deploy::gates::StandardGates>(
      deploy::gates::SmokeTools{step_, helpers_.relay, directory / "gates"}, clock_);
  return ports;
}

}  // namespace pipeline
