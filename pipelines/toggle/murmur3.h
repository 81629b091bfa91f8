// MurmurHash3, the x86 32-bit variant (Austin Appleby, public domain algorithm): what flagd buckets
// users with. Bytes in, number out; the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace pipeline::toggle {

std::uint32_t murmur3_x86_32(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace pipeline::toggle
