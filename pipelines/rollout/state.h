// The states of a deployment and the one table that says which may follow which. Pure.
//
//   locked → preflight → approved → prepared → validated → shifting(k) ⇄ baking(k) → promoted →
//   retaining → cleaned
// and rolling-back → rolled-back | frozen from every state in which something may have been
// touched. Up to `preflight` nothing was touched and nothing is journalled: a refusal there is an
// error, not a state. Somebody who asks for it (`resume`) gets a frozen deployment to try its
// rollback again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pipeline::rollout {

enum class State {
  locked,        // this deployment is the environment's only one
  preflight,     // being checked; nothing was touched
  approved,      // may begin
  prepared,      // the release is installed, its first instances are being started
  validated,     // healthy, and through the gates, unseen by users
  shifting,      // users' requests are being moved, batch by batch
  baking,        // watched before the next batch
  promoted,      // the environment's pointer names the new release
  retaining,     // proved; the previous fleet is still warm
  cleaned,       // what is not needed any more is gone
  rolling_back,  // on the way back to the old release
  rolled_back,   // the old release serves as before
  frozen,        // the way back failed: nothing more is touched
};

enum class Trigger {
  advance,     // what the state was for is done
  next_batch,  // it is done, and there is another batch
  fail,        // a step failed, a gate said no, somebody asked to stop, the driver died
  restore,     // the way back is done
  give_up,     // the way back failed
  retry,       // a person asks for another try
};

struct Transition {
  State from;
  Trigger trigger;
  State to;
};

std::span<const Transition> transitions();
// Where `trigger` leads from `from`; none where the table has no row.
std::optional<State> follow(State from, Trigger trigger);
// Whether any trigger leads from one to the other.
bool may_follow(State from, State to);
// Nothing is under way any more: rolled-back, cleaned, and retaining, whose rest is only due later.
bool is_settled(State state);
// The pointer has moved: whoever takes over goes forward.
bool is_past_promotion(State state);

std::string_view to_string(State state);  // "rolling-back"
std::string_view to_string(Trigger trigger);

}  // namespace pipeline::rollout
