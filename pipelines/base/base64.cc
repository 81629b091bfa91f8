#include "pipelines/base/base64.h"

namespace pipeline::base {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned kDigitBits = 6;
constexpr unsigned kByteBits = 8;

}  // namespace

std::string to_base64(std::string_view bytes) {
  constexpr unsigned kDigit = (1U << kDigitBits) - 1;
  std::string text;
  unsigned held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = (held << kByteBits | static_cast<unsigned char>(c)) & 0xffffU;
    bits += kByteBits;
    for (; bits >= kDigitBits; bits -= kDigitBits)
      text += kAlphabet[held >> (bits - kDigitBits) & kDigit];
  }
  if (bits > 0) text += kAlphabet[held << (kDigitBits - bits) & kDigit];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  unsigned held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << kDigitBits | static_cast<unsigned>(value)) & 0xffffU;
    bits += kDigitBits;
    if (bits < kByteBits) continue;
    bits -= kByteBits;
    bytes += static_cast<char>(held >> bits & 0xffU);
  }
  return bytes;
}

}  // namespace pipeline::base
