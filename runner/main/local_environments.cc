#include "runner/main/local_environments.h"

#include "stages/deploy/gates/standard_gates.h"
#include "stages/deploy/haproxy/haproxy_switch.h"
#include "stages/deploy/probe/socket_prober.h"
#include "stages/deploy/process/process_target.h"

namespace pipeline {

namespace {

// Gates of releases whose journal is another machine's: the tree is in another mirror here.
class GatesByMirror final : public deploy::GateKeeper {
 public:
  GatesByMirror(std::unique_ptr<deploy::GateKeeper> inner, std::string repository)
      : inner_(std::move(inner)), repository_(std::move(repository)) {}

  base::Result<deploy::GateVerdict> ask(const model::GateSpec& gate,
                                        const deploy::GateContext& context,
                                        std::stop_token stop) override {
    deploy::GateContext here = context;
    here.repository = repository_;
    return inner_->ask(gate, here, std::move(stop));
  }
  base::Result<> forget(std::uint64_t last_release) override {
    return inner_->forget(last_release);
  }

 private:
  const std::unique_ptr<deploy::GateKeeper> inner_;
  const std::string repository_;
};

}  // namespace

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
      deploy::gates::SmokeTools{step_, helpers_.relay, directory / "gates"},
      [settings = settings_, key] { return settings(key); }, clock_);
  if (repository_)
    ports.gates = std::make_unique<GatesByMirror>(std::move(ports.gates), *repository_);
  return ports;
}

}  // namespace pipeline
