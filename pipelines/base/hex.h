// Bytes as hexadecimal digits, in lower case.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace pipeline::base {

std::string hex(std::span<const std::uint8_t> bytes);

}  // namespace pipeline::base
