#include "tests/support/isolation/isolation.h"

#include "stages/sandbox/capabilities.h"

namespace pipeline::support {

namespace {

std::optional<std::string> look() {
  for (const sandbox::Capability& capability : sandbox::probe_environment())
    if (capability.support == sandbox::Support::missing)
      return "jobs cannot be isolated here: " + capability.name + " " + capability.found;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> missing_for_isolation() {
  static const std::optional<std::string> missing = look();
  return missing;
}

}  // namespace pipeline::support
