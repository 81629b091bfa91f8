#include "pipelines/base/version.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "pipelines/base/text.h"

namespace pipeline::base {

namespace {

using Numbers = std::vector<std::uint32_t>;

std::optional<Numbers> numbers_of(std::string_view version) {
  Numbers numbers;
  for (const std::string& part : split(version, '.')) {
    std::uint32_t number = 0;
    const char* const end = part.data() + part.size();
    if (const auto [at, error] = std::from_chars(part.data(), end, number);
        error != std::errc() || at != end)
      return std::nullopt;
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

bool is_older(std::string_view version, std::string_view than) {
  auto ours = numbers_of(version);
  auto theirs = numbers_of(than);
  if (!ours || !theirs) return false;
  const std::size_t longest = std::max(ours->size(), theirs->size());
  ours->resize(longest);
  theirs->resize(longest);
  return *ours < *theirs;
}

}  // namespace pipeline::base
