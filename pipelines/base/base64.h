// Bytes as base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipeline::base {

std::string to_base64(std::string_view bytes);
// With or without its padding; none for anything else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace pipeline::base
