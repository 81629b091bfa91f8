#include "pipelines/rollout/strategy.h"

#include <algorithm>
#include <set>

#include "pipelines/rollout/colour.h"
#include "tests/support/property.h"

namespace pipeline::rollout {
namespace {

using model::StrategyKind;

// The least world that steps can be carried out in; every step that would hurt a user is refused.
class World {
 public:
  World(const StrategyInput& input, std::uint32_t promised) : promised_(promised) {
    for (const Instance& old : input.old_fleet) healthy_.insert(old.name);
    traffic_ = input.before;
  }

  void carry_out(const Step& step) {
    std::visit([this](const auto& one) { act(one); }, step);
    RC_ASSERT(reachable(traffic_).size() >= promised_);
    for (const Endpoint& endpoint : reachable(traffic_)) {
      RC_ASSERT(healthy_.contains(endpoint.instance));
    }
  }

  const Traffic& traffic() const { return traffic_; }
  const std::set<std::string>& healthy() const { return healthy_; }
  State state() const { return state_; }
  int gates_before() const { return gates_before_; }
  int gates_after() const { return gates_after_; }

 private:
  void act(const EnsureSwitch&) { switch_ = true; }
  void act(const Install&) { installed_ = true; }
  void act(const StartInstances& step) {
    RC_ASSERT(installed_);
    for (const Instance& one : step.instances) started_.insert(one.name);
  }
  void act(const AwaitHealthy& step) {
    for (const Instance& one : step.instances) {
      RC_ASSERT(started_.contains(one.name));
      healthy_.insert(one.name);
    }
  }
  void act(const AssignTraffic& step) {
    RC_ASSERT(switch_);
    for (const Endpoint& endpoint : reachable(step.traffic)) {
      const bool is_new = started_.contains(endpoint.instance);
      RC_ASSERT(!is_new || state_ == State::shifting);
    }
    traffic_ = step.traffic;
  }
  void act(const AskGates& step) {
    if (step.when == GateTime::before_traffic) {
      ++gates_before_;
      RC_ASSERT(!traffic_.preview.empty());
      for (const Endpoint& endpoint : traffic_.preview) {
        RC_ASSERT(started_.contains(endpoint.instance));
      }
    } else {
      ++gates_after_;
      RC_ASSERT(state_ == State::promoted);
    }
  }
  void act(const Bake&) { RC_ASSERT(state_ == State::baking); }
  void act(const Drain& step) {
    for (const Instance& one : step.instances) drained_.insert(one.name);
  }
  void act(const StopInstances& step) {
    for (const Instance& one : step.instances) {
      RC_ASSERT(drained_.contains(one.name));
      healthy_.erase(one.name);
    }
  }
  void act(const RemoveRelease&) { RC_FAIL("a strategy deletes nothing"); }
  void act(const ShutDownSwitch&) { RC_FAIL("a strategy leaves the switch alone"); }
  void act(const Enter& step) {
    RC_ASSERT(may_follow(state_, step.state));
    state_ = step.state;
  }

  std::uint32_t promised_;
  std::set<std::string> healthy_, started_, drained_;
  Traffic traffic_;
  bool switch_ = false;
  bool installed_ = false;
  State state_ = State::approved;
  int gates_before_ = 0;
  int gates_after_ = 0;
};

std::vector<std::uint16_t> ports(std::uint32_t count, std::uint16_t from) {
  std::vector<std::uint16_t> list;
  for (std::uint32_t i = 0; i < count; ++i) list.push_back(static_cast<std::uint16_t>(from + i));
  return list;
}

StrategyInput input(StrategyKind kind, std::uint32_t old_size, std::uint32_t new_size,
                    Colour colour = Colour::blue) {
  StrategyInput made;
  made.old_fleet = make_fleet(1, ports(old_size, 8101));
  endpoints(made.before, colour) = endpoints_of(made.old_fleet);
  made.before.preview = endpoints_of(made.old_fleet);
  made.before.green_percent = all_to(colour);
  made.release.number = 2;
  made.release.fleet = make_fleet(2, ports(new_size, 8201));
  made.release.environment.strategy.kind = kind;
  made.release.environment.strategy.bake = std::chrono::seconds(1);
  return made;
}

StrategyInput any_input() {
  auto made = input(
      *rc::gen::element(StrategyKind::all_at_once, StrategyKind::rolling, StrategyKind::blue_green),
      *rc::gen::inRange(0U, 9U), *rc::gen::inRange(1U, 9U),
      *rc::gen::element(Colour::blue, Colour::green));
  auto& strategy = made.release.environment.strategy;
  strategy.batch_is_percent = *rc::gen::arbitrary<bool>();
  strategy.batch = *rc::gen::inRange(1U, strategy.batch_is_percent ? 101U : 9U);
  return made;
}

RC_GTEST_PROP(Strategy, KeepsItsPromisesAndEndsWithTheNewReleaseServing, ()) {
  const StrategyInput any = any_input();
  const auto promised = capacity_promised(any.release.environment.strategy,
                                          static_cast<std::uint32_t>(any.old_fleet.size()),
                                          static_cast<std::uint32_t>(any.release.fleet.size()));
  World world(any, promised);
  for (const Step& step : plan_deployment(any)) world.carry_out(step);

  RC_ASSERT(world.state() == State::retaining);
  RC_ASSERT(world.gates_before() == 1);
  RC_ASSERT(world.gates_after() == 1);
  std::set<std::string> served;
  for (const Endpoint& endpoint : reachable(world.traffic())) served.insert(endpoint.instance);
  RC_ASSERT(served.size() == any.release.fleet.size());
  for (const Instance& one : any.release.fleet) RC_ASSERT(served.contains(one.name));
}

RC_GTEST_PROP(Strategy, DependsOnNothingButItsInput, ()) {
  const StrategyInput any = any_input();
  const Steps one = plan_deployment(any);
  const Steps two = plan_deployment(any);
  RC_ASSERT(one.size() == two.size());
  for (std::size_t i = 0; i < one.size(); ++i) RC_ASSERT(describe(one[i]) == describe(two[i]));
}

RC_GTEST_PROP(Strategy, ReturningKeepsTheFullFleetServing, ()) {
  const StrategyInput any = any_input();
  RC_PRE(!any.old_fleet.empty());
  World world(any, static_cast<std::uint32_t>(any.old_fleet.size()) <
                           static_cast<std::uint32_t>(any.release.fleet.size())
                       ? static_cast<std::uint32_t>(any.old_fleet.size())
                       : static_cast<std::uint32_t>(any.release.fleet.size()));
  for (const Step& step : plan_return(any, Fleets::cold)) world.carry_out(step);
  RC_ASSERT(world.state() == State::retaining);
  RC_ASSERT(world.gates_before() == 0);
}

TEST(BlueGreen, KeepsTheOldFleetBesideTheNewOne) {
  const auto steps = plan_deployment(input(StrategyKind::blue_green, 2, 2));
  for (const Step& step : steps) EXPECT_FALSE(std::holds_alternative<StopInstances>(step));
}

TEST(BlueGreen, SwapsInOneAssignment) {
  int swaps = 0;
  std::uint32_t percent = 0;
  for (const Step& step : plan_deployment(input(StrategyKind::blue_green, 3, 3))) {
    if (const auto* assign = std::get_if<AssignTraffic>(&step)) {
      swaps += assign->traffic.green_percent != percent ? 1 : 0;
      percent = assign->traffic.green_percent;
    }
  }
  EXPECT_EQ(swaps, 1);
  EXPECT_EQ(percent, 100U);
}

TEST(Return, GivesAWarmFleetAllRequestsWithoutStartingAnything) {
  const auto steps = plan_return(input(StrategyKind::blue_green, 2, 2), Fleets::warm);
  const auto assigned = std::ranges::count_if(
      steps, [](const Step& step) { return std::holds_alternative<AssignTraffic>(step); });
  EXPECT_EQ(assigned, 1);
  for (const Step& step : steps) EXPECT_FALSE(std::holds_alternative<StartInstances>(step));
}

}  // namespace
}  // namespace pipeline::rollout
