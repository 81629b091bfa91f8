// Whether a rule tells users apart by their targeting key, so that nothing sensible can be said of
// somebody who has none.
#pragma once

#include "pipelines/toggle/flag.h"

namespace pipeline::toggle {

// True when the flag's targeting, or an evaluator that it refers to, holds a `fractional` that
// names no value of its own. Looked at, not evaluated: it may be one that a user never comes to.
bool buckets_by_targeting_key(const FlagSet& flags, const Flag& flag);

}  // namespace pipeline::toggle
