#include "runner/server/api/basic_credentials.h"

#include "pipelines/base/text.h"

namespace pipeline::api {

namespace {

constexpr std::string_view kBasic = "Basic ";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kLongest = 4096;

// RFC 4648, with or without its padding.
std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  unsigned held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 6U | static_cast<unsigned>(value)) & 0xffffU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xffU);
  }
  return bytes;
}

}  // namespace

std::optional<std::string> password_in(std::string_view authorization) {
  if (!authorization.starts_with(kBasic) || authorization.size() > kLongest) return std::nullopt;
  const auto pair = decode_base64(base::trim(authorization.substr(kBasic.size())));
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return pair->substr(colon + 1);
}

}  // namespace pipeline::api
