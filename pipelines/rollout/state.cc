#include "pipelines/rollout/state.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace pipeline::rollout {

namespace {

constexpr std::array kTransitions = {
    Transition{State::locked, Trigger::advance, State::preflight},
    Transition{State::preflight, Trigger::advance, State::approved},
    Transition{State::approved, Trigger::advance, State::prepared},
    Transition{State::prepared, Trigger::advance, State::validated},
    Transition{State::validated, Trigger::advance, State::shifting},
    Transition{State::shifting, Trigger::advance, State::baking},
    Transition{State::baking, Trigger::next_batch, State::shifting},
    Transition{State::baking, Trigger::advance, State::promoted},
    Transition{State::promoted, Trigger::advance, State::retaining},
    Transition{State::retaining, Trigger::advance, State::cleaned},
    Transition{State::approved, Trigger::fail, State::rolling_back},
    Transition{State::prepared, Trigger::fail, State::rolling_back},
    Transition{State::validated, Trigger::fail, State::rolling_back},
    Transition{State::shifting, Trigger::fail, State::rolling_back},
    Transition{State::baking, Trigger::fail, State::rolling_back},
    Transition{State::promoted, Trigger::fail, State::rolling_back},
    Transition{State::rolling_back, Trigger::restore, State::rolled_back},
    Transition{State::rolling_back, Trigger::give_up, State::frozen},
    Transition{State::frozen, Trigger::retry, State::rolling_back},
};

constexpr std::array kStateNames = {
    std::pair{State::locked, std::string_view("locked")},
    std::pair{State::preflight, std::string_view("preflight")},
    std::pair{State::approved, std::string_view("approved")},
    std::pair{State::prepared, std::string_view("prepared")},
    std::pair{State::validated, std::string_view("validated")},
    std::pair{State::shifting, std::string_view("shifting")},
    std::pair{State::baking, std::string_view("baking")},
    std::pair{State::promoted, std::string_view("promoted")},
    std::pair{State::retaining, std::string_view("retaining")},
    std::pair{State::cleaned, std::string_view("cleaned")},
    std::pair{State::rolling_back, std::string_view("rolling-back")},
    std::pair{State::rolled_back, std::string_view("rolled-back")},
    std::pair{State::frozen, std::string_view("frozen")},
};

constexpr std::array kTriggerNames = {
    std::pair{Trigger::advance, std::string_view("advance")},
    std::pair{Trigger::next_batch, std::string_view("next-batch")},
    std::pair{Trigger::fail, std::string_view("fail")},
    std::pair{Trigger::restore, std::string_view("restore")},
    std::pair{Trigger::give_up, std::string_view("give-up")},
    std::pair{Trigger::retry, std::string_view("retry")},
};

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  const auto* found =
      std::ranges::find_if(names, [value](const auto& name) { return name.first == value; });
  return found->second;
}

}  // namespace

std::span<const Transition> transitions() {
  return kTransitions;
}

std::optional<State> follow(State from, Trigger trigger) {
  for (const Transition& row : kTransitions) {
    if (row.from == from && row.trigger == trigger) return row.to;
  }
  return std::nullopt;
}

bool may_follow(State from, State to) {
  return std::ranges::any_of(
      kTransitions, [&](const Transition& row) { return row.from == from && row.to == to; });
}

bool is_settled(State state) {
  return state == State::rolled_back || state == State::retaining || state == State::cleaned;
}

bool is_past_promotion(State state) {
  return state == State::promoted || state == State::retaining || state == State::cleaned;
}

std::string_view to_string(State state) {
  return name_of(kStateNames, state);
}
std::string_view to_string(Trigger trigger) {
  return name_of(kTriggerNames, trigger);
}

}  // namespace pipeline::rollout
