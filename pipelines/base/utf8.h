// Strict UTF-8 decoding, the one place that knows the encoding (RFC 3629): overlong forms,
// surrogates and anything above U+10FFFF are invalid.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace pipeline::base {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes, 1 to 4
};

// The code point that `bytes` starts with; none when they do not start with a valid one (or are
// empty).
std::optional<CodePoint> decode_utf8(std::string_view bytes);

}  // namespace pipeline::base
