// Which environment: names of one pipeline's are its own. Two pipelines of one name would be one:
// the record knows whose repository it belongs to.
#pragma once

#include <compare>
#include <string>

namespace pipeline::deploy {

struct EnvironmentKey {
  std::string pipeline;
  std::string environment;
  // NOLINTNEXTLINE(modernize-use-nullptr): the zero that a rewritten comparison is made with.
  auto operator<=>(const EnvironmentKey&) const = default;
};

}  // namespace pipeline::deploy
