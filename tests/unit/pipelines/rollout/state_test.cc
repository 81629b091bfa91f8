#include "pipelines/rollout/state.h"

#include <gtest/gtest.h>

#include <set>

namespace pipeline::rollout {
namespace {

constexpr State kStates[] = {
    State::locked,       State::preflight,   State::approved, State::prepared,  State::validated,
    State::shifting,     State::baking,      State::promoted, State::retaining, State::cleaned,
    State::rolling_back, State::rolled_back, State::frozen};
constexpr Trigger kTriggers[] = {Trigger::advance, Trigger::next_batch, Trigger::fail,
                                 Trigger::restore, Trigger::give_up,    Trigger::retry};

// Every pair, spelled once more by rule rather than by row.
std::optional<State> expected(State from, Trigger trigger) {
  const bool touched = from >= State::approved && from <= State::promoted;
  switch (trigger) {
    case Trigger::advance:
      if (from >= State::cleaned) return std::nullopt;
      return static_cast<State>(static_cast<int>(from) + 1);
    case Trigger::next_batch:
      return from == State::baking ? std::optional(State::shifting) : std::nullopt;
    case Trigger::fail:
      return touched ? std::optional(State::rolling_back) : std::nullopt;
    case Trigger::restore:
      return from == State::rolling_back ? std::optional(State::rolled_back) : std::nullopt;
    case Trigger::give_up:
      return from == State::rolling_back ? std::optional(State::frozen) : std::nullopt;
    case Trigger::retry:
      return from == State::frozen ? std::optional(State::rolling_back) : std::nullopt;
  }
  return std::nullopt;
}

TEST(StateTable, AnswersEveryPairOfStateAndTrigger) {
  for (const State from : kStates) {
    for (const Trigger trigger : kTriggers) {
      EXPECT_EQ(follow(from, trigger), expected(from, trigger))
          << to_string(from) << " " << to_string(trigger);
    }
  }
}

TEST(StateTable, HasNoRowTwice) {
  std::set<std::pair<State, Trigger>> seen;
  for (const Transition& row : transitions()) {
    EXPECT_TRUE(seen.emplace(row.from, row.trigger).second) << to_string(row.from);
    EXPECT_TRUE(may_follow(row.from, row.to));
  }
}

TEST(StateTable, EveryStateCanBeReachedAndHasItsOwnName) {
  std::set<State> reached = {State::locked};
  std::set<std::string_view> names;
  for (const Transition& row : transitions()) reached.insert(row.to);
  for (const State state : kStates) names.insert(to_string(state));
  EXPECT_EQ(reached.size(), std::size(kStates));
  EXPECT_EQ(names.size(), std::size(kStates));
}

TEST(StateTable, NothingButCleaningLeavesASettledState) {
  for (const Transition& row : transitions()) {
    if (is_settled(row.from)) {
      EXPECT_EQ(row.to, State::cleaned);
    }
  }
}

}  // namespace
}  // namespace pipeline::rollout
