#include "stages/deploy/instance_spec.h"

namespace pipeline::deploy {

InstanceSpec instance_spec(const rollout::Instance& instance, const rollout::Release& release) {
  InstanceSpec spec;
  spec.name = instance.name;
  spec.release = release.number;
  spec.start = release.environment.start;
  spec.host = instance.host;
  spec.port = instance.port;
  spec.env = {{"PORT", std::to_string(instance.port)},
              {"RELEASE", std::to_string(release.number)},
              {"INSTANCE", instance.name},
              {"ENVIRONMENT", release.environment.name}};
  spec.stop = release.environment.stop;
  return spec;
}

GateContext gate_context(const std::string& environment, const rollout::Release& release,
                         GatePhase phase) {
  GateContext context;
  context.phase = phase;
  context.environment = environment;
  context.release = release.number;
  context.preview_url = "http://" + release.environment.traffic.preview;
  context.public_url = "http://" + release.environment.traffic.listen;
  context.repository = release.repository;
  context.tree = release.tree;
  context.toggles = release.environment.toggles;
  return context;
}

}  // namespace pipeline::deploy
