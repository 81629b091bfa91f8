#include "pipelines/base/digest.h"

#include "pipelines/base/hex.h"

namespace pipeline::base {

namespace {

std::optional<unsigned> nibble(char digit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto found = kDigits.find(digit);
  if (found == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(found);
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  std::string_view digits = text;
  if (digits.starts_with(kPrefix)) digits.remove_prefix(kPrefix.size());
  Bytes bytes{};
  if (digits.size() != 2 * bytes.size()) {
    return fail(ErrorKind::invalid, "a digest has 64 hexadecimal digits, not " +
                                        std::to_string(digits.size()) + " characters");
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto high = nibble(digits[2 * i]);
    const auto low = nibble(digits[2 * i + 1]);
    if (!high || !low) {
      return fail(ErrorKind::invalid, "a digest has only the characters 0-9 and a-f");
    }
    bytes.at(i) = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return Digest(bytes);
}

std::string Digest::hex() const {
  return base::hex(bytes_);
}

std::string Digest::short_hex() const {
  return hex().substr(0, 12);
}

}  // namespace pipeline::base
