#include "pipelines/rollout/in_batches.h"

#include <algorithm>

#include "pipelines/rollout/colour.h"

namespace pipeline::rollout {

namespace {

class Rounds {
 public:
  Rounds(const StrategyInput& input, std::uint32_t batch)
      : input_(input), batch_(batch), colour_(serving_colour(input.before)) {}

  bool more() const { return gone_ < old_size() || come_ < new_size(); }
  std::uint32_t number() const { return number_; }

  // Old instances leave, new ones come up beside the switch. Preview shows what came up first.
  void replace(Steps& steps) {
    ++number_;
    const Fleet leaving = slice(input_.old_fleet, gone_);
    arriving_ = slice(input_.release.fleet, come_);
    if (!leaving.empty()) {
      steps.emplace_back(AssignTraffic{traffic(leaving)});
      steps.emplace_back(Drain{leaving});
      gone_ += leaving.size();
      steps.emplace_back(AssignTraffic{traffic({})});
      steps.emplace_back(StopInstances{leaving});
    }
    if (arriving_.empty()) return;
    steps.emplace_back(StartInstances{arriving_});
    steps.emplace_back(AwaitHealthy{arriving_});
    if (number_ == 1) preview_ = endpoints_of(arriving_);
  }

  void ask_gates(Steps& steps) const {
    steps.emplace_back(AssignTraffic{traffic({})});
    steps.emplace_back(AskGates{GateTime::before_traffic});
  }

  void take_in(Steps& steps) {
    come_ += arriving_.size();
    if (!more()) preview_ = endpoints_of(input_.release.fleet);
    if (!arriving_.empty()) steps.emplace_back(AssignTraffic{traffic({})});
    steps.emplace_back(Enter{State::baking, number_});
    const base::Duration bake = input_.release.environment.strategy.bake;
    const Fleet in_service = slice(input_.release.fleet, 0, come_);
    if (bake.count() > 0) steps.emplace_back(Bake{bake, in_service});
  }

 private:
  std::size_t old_size() const { return input_.old_fleet.size(); }
  std::size_t new_size() const { return input_.release.fleet.size(); }

  Fleet slice(const Fleet& fleet, std::size_t from) const { return slice(fleet, from, batch_); }
  static Fleet slice(const Fleet& fleet, std::size_t from, std::size_t count) {
    const auto clip = [&](std::size_t place) {
      return fleet.begin() + static_cast<std::ptrdiff_t>(std::min(place, fleet.size()));
    };
    return {clip(from), clip(from + count)};
  }

  // New instances that are in service, then old ones that are left, `leaving` draining.
  Traffic traffic(const Fleet& leaving) const {
    Traffic result;
    result.green_percent = input_.before.green_percent;
    result.preview = preview_.empty() ? input_.before.preview : preview_;
    const auto gone = [&](const Endpoint& endpoint) {
      return !contains(slice(input_.old_fleet, gone_, old_size()), endpoint.instance);
    };
    if (preview_.empty()) std::erase_if(result.preview, gone);
    auto& serving = endpoints(result, colour_);
    serving = endpoints_of(slice(input_.release.fleet, 0, come_));
    for (const Instance& old : slice(input_.old_fleet, gone_, old_size())) {
      serving.push_back(endpoint_of(
          old, contains(leaving, old.name) ? EndpointState::draining : EndpointState::ready));
    }
    return result;
  }

  const StrategyInput& input_;
  std::uint32_t batch_;
  Colour colour_;
  std::uint32_t number_ = 0;
  std::size_t gone_ = 0;  // old instances that were stopped
  std::size_t come_ = 0;  // new instances that serve
  Fleet arriving_;
  std::vector<Endpoint> preview_;
};

}  // namespace

Steps plan_in_batches(const StrategyInput& input, std::uint32_t batch) {
  Steps steps = {EnsureSwitch{}, Install{input.release.number}, Enter{State::prepared}};
  Rounds rounds(input, batch);
  rounds.replace(steps);
  rounds.ask_gates(steps);
  steps.emplace_back(Enter{State::validated});
  steps.emplace_back(Enter{State::shifting, 1});
  rounds.take_in(steps);
  while (rounds.more()) {
    steps.emplace_back(Enter{State::shifting, rounds.number() + 1});
    rounds.replace(steps);
    rounds.take_in(steps);
  }
  steps.emplace_back(Enter{State::promoted});
  steps.emplace_back(AskGates{GateTime::after_promotion});
  steps.emplace_back(Enter{State::retaining});
  return steps;
}

}  // namespace pipeline::rollout
