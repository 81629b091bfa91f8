// A whole number followed by a unit: what duration.cc and size.cc have in common.
#pragma once

#include <cstdint>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::base {

struct Quantity {
  std::uint64_t number = 0;
  std::string_view unit;  // the letters after the number, possibly none
};

// Takes one quantity off the front of `text`: digits, then letters. `example` ends the message of a
// refusal, as in `write it like "90s"`.
Result<Quantity> take_quantity(std::string_view& text, std::string_view example);

}  // namespace pipeline::base
