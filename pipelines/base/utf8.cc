#include "pipelines/base/utf8.h"

#include <array>

namespace pipeline::base {

namespace {

constexpr unsigned char byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

constexpr std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;  // C0 and C1 could only start overlong forms
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;  // F5 and above lie beyond U+10FFFF
  return 0;
}

constexpr bool is_scalar_of_length(char32_t value, std::size_t length) {
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value >= kSmallest.at(length) && value <= 0x10FFFF && !surrogate;
}

}  // namespace

std::optional<CodePoint> decode_utf8(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const unsigned char lead = byte_at(bytes, 0);
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > bytes.size()) return std::nullopt;
  if (length == 1) return CodePoint{lead, 1};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(bytes, i);
    if ((next & 0xC0U) != 0x80U) return std::nullopt;
    value = (value << 6U) | (next & 0x3FU);
  }
  if (!is_scalar_of_length(value, length)) return std::nullopt;
  return CodePoint{value, length};
}

}  // namespace pipeline::base
