#include "stages/deploy/deployer.h"

#include <algorithm>
#include <array>

namespace pipeline::deploy {

namespace {

// By number.
constexpr std::array<std::string_view, 5> kVerdicts = {"promoted", "rolled-back", "frozen",
                                                       "unchanged", "restored"};

}  // namespace

std::string_view to_string(Verdict verdict) {
  return kVerdicts.at(static_cast<std::size_t>(verdict));
}

std::optional<Verdict> verdict_of(std::string_view text) {
  const auto* const found = std::ranges::find(kVerdicts, text);
  if (found == kVerdicts.end()) return std::nullopt;
  return static_cast<Verdict>(found - kVerdicts.begin());
}

}  // namespace pipeline::deploy
