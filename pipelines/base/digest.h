// A SHA-256 digest as a value. Computing one is an effect of stages/host (hash.h); naming one is
// not.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::base {

class Digest {
 public:
  using Bytes = std::array<std::uint8_t, 32>;

  explicit Digest(const Bytes& bytes) : bytes_(bytes) {}
  // 64 lower-case hexadecimal digits, with or without a leading "sha256:".
  static Result<Digest> parse(std::string_view text);

  const Bytes& bytes() const { return bytes_; }
  std::string hex() const;
  // The first twelve digits, for a person.
  std::string short_hex() const;

  // NOLINTNEXTLINE(modernize-use-nullptr): the zero that a rewritten comparison is made with.
  auto operator<=>(const Digest&) const = default;

 private:
  Bytes bytes_;
};

}  // namespace pipeline::base
