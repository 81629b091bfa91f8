// The toggle gate: may this release go out with these toggles off? Decided from the flag file
// alone.
#pragma once

#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/toggle/flag.h"

namespace pipeline::toggle {

struct OffDecision {
  bool passed = false;
  // A sentence a key: why it fails, or "new-checkout is off".
  std::vector<std::string> findings;
};

// Passes when every key exists, has an owner and an expiry that has not passed, and evaluates to
// off for a user whom no rule lists. Off is the value false, or the variant named "off".
//
// Evaluated, not read from the default: for a user without any attribute and for 4,096 made-up
// targeting keys, so that a fractional rule that opens the toggle for one in a thousand is found
// (missed with probability 2 %; one in a hundred with 10⁻¹⁸). A disabled flag does not pass: its
// value is then the program's own default, which cannot be seen from here.
OffDecision decide_off(const FlagSet& flags, const std::vector<std::string>& keys,
                       base::TimePoint now);

}  // namespace pipeline::toggle
