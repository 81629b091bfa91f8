#include "pipelines/rollout/plan_text.h"

#include "pipelines/rollout/strategy.h"

namespace pipeline::rollout {

namespace {

// Instances as "old-1" and "new-1": a plan is made before numbers and ports are given.
Fleet imagined_fleet(const std::string& word, std::uint32_t count) {
  Fleet fleet;
  for (std::uint32_t i = 1; i <= count; ++i) {
    fleet.push_back({.name = word + "-" + std::to_string(i)});
  }
  return fleet;
}

struct Line {
  std::string operator()(const Install&) const { return "install the new release"; }
  std::string operator()(const StartInstances& step) const {
    return "start " + names_of(step.instances);
  }
  std::string operator()(const auto& step) const { return describe(Step(step)); }
};

}  // namespace

std::string plan_text(const model::Environment& environment) {
  StrategyInput input;
  input.old_fleet = imagined_fleet("old", environment.instances);
  input.before.blue = endpoints_of(input.old_fleet);
  input.release.environment = environment;
  input.release.fleet = imagined_fleet("new", environment.instances);
  std::string text = "deployment to " + environment.name + " (" +
                     std::string(to_string(environment.strategy.kind)) + ")\n";
  int number = 0;
  for (const Step& step : plan_deployment(input)) {
    if (const auto* enter = std::get_if<Enter>(&step)) {
      text += "  " + describe(*enter) + "\n";
      continue;
    }
    std::string place = std::to_string(++number);
    place.insert(0, place.size() < 2 ? 1 : 0, ' ');
    text += "    " + place + " " + std::visit(Line{}, step) + "\n";
  }
  return text;
}

}  // namespace pipeline::rollout
