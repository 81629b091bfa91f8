// Base64 for addresses and tokens (RFC 4648, section 5), without padding. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipeline::identity {

std::string to_base64url(std::string_view bytes);
// None for anything that to_base64url() would not have made: padding, other characters, a length
// that there is not, bits that belong to no byte. So two different texts are never the same bytes.
std::optional<std::string> from_base64url(std::string_view text);

// Whether all of it are characters of the alphabet.
bool is_base64url(std::string_view text);

}  // namespace pipeline::identity
