#include "pipelines/rollout/step.h"

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"

namespace pipeline::rollout {

namespace {

std::vector<std::string> names(const std::vector<Endpoint>& endpoints, EndpointState state) {
  std::vector<std::string> found;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.state == state) found.push_back(endpoint.instance);
  }
  return found;
}

std::string ready(const std::vector<Endpoint>& endpoints) {
  const auto found = names(endpoints, EndpointState::ready);
  return found.empty() ? "nobody" : base::join(found, ", ");
}

std::string ports(const Fleet& fleet) {
  std::vector<std::string> parts;
  for (const Instance& instance : fleet) parts.push_back(std::to_string(instance.port));
  return (fleet.size() == 1 ? "port " : "ports ") + base::join(parts, ", ");
}

std::string split(const Traffic& traffic) {
  if (traffic.green_percent == 0) return "all requests to " + ready(traffic.blue);
  if (traffic.green_percent == 100) return "all requests to " + ready(traffic.green);
  return std::to_string(traffic.green_percent) + " % of requests to " + ready(traffic.green) +
         ", the rest to " + ready(traffic.blue);
}

struct Describe {
  std::string operator()(const EnsureSwitch&) const { return "make sure the traffic switch runs"; }
  std::string operator()(const Install& step) const {
    return "install release " + std::to_string(step.release);
  }
  std::string operator()(const StartInstances& step) const {
    return "start " + names_of(step.instances) + " on " + ports(step.instances);
  }
  std::string operator()(const AwaitHealthy& step) const {
    return "wait until " + names_of(step.instances) +
           (step.instances.size() == 1 ? " is healthy" : " are healthy");
  }
  std::string operator()(const AssignTraffic& step) const {
    auto draining = names(step.traffic.blue, EndpointState::draining);
    const auto more = names(step.traffic.green, EndpointState::draining);
    draining.insert(draining.end(), more.begin(), more.end());
    std::string text = "send " + split(step.traffic);
    if (!draining.empty()) text += "; none to " + base::join(draining, ", ");
    if (!step.traffic.preview.empty()) text += "; preview to " + ready(step.traffic.preview);
    return text;
  }
  std::string operator()(const AskGates& step) const {
    return step.when == GateTime::before_traffic
               ? "ask the gates, on the preview address, before any user's request"
               : "ask the smoke gates again, on the public address";
  }
  std::string operator()(const Bake& step) const {
    return "watch " + names_of(step.instances) + " for " + base::format_duration(step.duration);
  }
  std::string operator()(const Drain& step) const {
    return "let requests under way at " + names_of(step.instances) + " finish";
  }
  std::string operator()(const StopInstances& step) const {
    return "stop " + names_of(step.instances);
  }
  std::string operator()(const RemoveRelease& step) const {
    return "delete the files of release " + std::to_string(step.release);
  }
  std::string operator()(const ShutDownSwitch&) const { return "stop the traffic switch"; }
  std::string operator()(const Enter& step) const {
    std::string text(to_string(step.state));
    if (step.batch != 0) text += " (" + std::to_string(step.batch) + ")";
    return text;
  }
};

}  // namespace

std::string describe(const Step& step) {
  return std::visit(Describe{}, step);
}

}  // namespace pipeline::rollout
