// Blue-green: a full new set in the idle colour, proved on the preview, swapped at once. The old
// set stays warm.
#include "pipelines/rollout/colour.h"
#include "pipelines/rollout/strategy.h"

namespace pipeline::rollout {

namespace {

struct Swap {
  Traffic beside;   // the new set is there, on the preview only
  Traffic swapped;  // and has all requests
};

Swap plan_swap(const StrategyInput& input) {
  const Colour idle = other(serving_colour(input.before));
  Swap swap;
  swap.beside = input.before;
  endpoints(swap.beside, idle) = endpoints_of(input.release.fleet);
  swap.beside.preview = endpoints_of(input.release.fleet);
  swap.swapped = swap.beside;
  swap.swapped.green_percent = all_to(idle);
  return swap;
}

}  // namespace

Steps plan_blue_green(const StrategyInput& input) {
  const Release& release = input.release;
  const Swap swap = plan_swap(input);
  Steps steps = {
      EnsureSwitch{},
      Install{release.number},
      Enter{State::prepared},
      StartInstances{release.fleet},
      AwaitHealthy{release.fleet},
      AssignTraffic{swap.beside},
      AskGates{GateTime::before_traffic},
      Enter{State::validated},
      Enter{State::shifting, 1},
      AssignTraffic{swap.swapped},
      Enter{State::baking, 1},
  };
  const base::Duration bake = release.environment.strategy.bake;
  if (bake.count() > 0) steps.emplace_back(Bake{bake, release.fleet});
  steps.emplace_back(Enter{State::promoted});
  steps.emplace_back(AskGates{GateTime::after_promotion});
  steps.emplace_back(Enter{State::retaining});
  return steps;
}

Steps plan_return(const StrategyInput& input, Fleets fleets) {
  const Release& release = input.release;
  const Swap swap = plan_swap(input);
  Steps steps = {EnsureSwitch{}};
  if (fleets == Fleets::cold) {
    steps.insert(steps.end(),
                 {Install{release.number}, Enter{State::prepared}, StartInstances{release.fleet},
                  AwaitHealthy{release.fleet}, AssignTraffic{swap.beside}});
  } else {
    steps.emplace_back(Enter{State::prepared});
  }
  steps.insert(steps.end(),
               {Enter{State::validated}, Enter{State::shifting, 1}, AssignTraffic{swap.swapped},
                Enter{State::baking, 1}, Enter{State::promoted}, Enter{State::retaining}});
  return steps;
}

}  // namespace pipeline::rollout
