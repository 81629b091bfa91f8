// Why something ended as it did, as a text that can be stored and shown: what happened, and on a
// last line of its own, "hint: …", what to do next. Pure.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/error.h"

namespace pipeline::base {

std::string reason_of(const Error& error);
std::string reason_of(const std::string& what, const std::string& hint);  // empty hint: none

struct Reason {
  std::string what;
  std::string hint;  // empty: none
};
Reason split_reason(std::string_view reason);

}  // namespace pipeline::base
