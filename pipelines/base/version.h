// Versions of programs: "1.2.3". Pure.
#pragma once

#include <string_view>

namespace pipeline::base {

// Whether the first is of an earlier release than the second, number by number; missing numbers are
// 0. False when one of them is no version.
bool is_older(std::string_view version, std::string_view than);

}  // namespace pipeline::base
