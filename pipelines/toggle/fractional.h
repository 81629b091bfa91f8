// flagd's `fractional`: the same user lands in the same bucket in every implementation.
//
// bucket = (murmur3_x86_32(value) · Σweights) >> 32, and the first variant whose running sum of
// weights exceeds it (flagd, "Fractional operation", high-precision bucketing). Weights default to
// 1, negative ones count as 0, their sum is at most 2³¹ − 1.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

namespace pipeline::toggle {

// Arguments are evaluated: [value?, [variant, weight?]…]. Without a string in front the value is
// the flag's key followed by the context's targetingKey. Null when there is no value, a part is
// malformed, or all weights are 0.
boost::json::value fractional(const boost::json::array& arguments,
                              const boost::json::object& context, std::string_view flag_key);

}  // namespace pipeline::toggle
