// The password of an Authorization field of the Basic scheme (RFC 7617). Bytes of a stranger.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pipeline::api {

// None when the field is of another scheme or broken.
std::optional<std::string> password_in(std::string_view authorization);

}  // namespace pipeline::api
