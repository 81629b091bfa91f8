#include "pipelines/base/reason.h"

namespace pipeline::base {

namespace {

constexpr std::string_view kHint = "\nhint: ";

}  // namespace

std::string reason_of(const Error& error) {
  return reason_of(error.to_string(), error.hint().value_or(""));
}

std::string reason_of(const std::string& what, const std::string& hint) {
  return hint.empty() ? what : what + std::string(kHint) + hint;
}

Reason split_reason(std::string_view reason) {
  const auto at = reason.rfind(kHint);
  const bool is_last = at != std::string_view::npos &&
                       reason.find('\n', at + kHint.size()) == std::string_view::npos;
  if (!is_last) return {std::string(reason), {}};
  return {std::string(reason.substr(0, at)), std::string(reason.substr(at + kHint.size()))};
}

}  // namespace pipeline::base
