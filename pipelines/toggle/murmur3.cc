#include "pipelines/toggle/murmur3.h"

#include <bit>

namespace pipeline::toggle {

namespace {

constexpr std::uint32_t kBlock1 = 0xcc9e2d51;
constexpr std::uint32_t kBlock2 = 0x1b873593;

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

std::uint32_t scrambled(std::uint32_t block) {
  return std::rotl(block * kBlock1, 15) * kBlock2;
}

std::uint32_t finished(std::uint32_t hash) {
  hash ^= hash >> 16U;
  hash *= 0x85ebca6b;
  hash ^= hash >> 13U;
  hash *= 0xc2b2ae35;
  return hash ^ (hash >> 16U);
}

}  // namespace

std::uint32_t murmur3_x86_32(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t hash = seed;
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    // Little-endian by definition, whatever the machine.
    const std::uint32_t block = byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U |
                                byte_at(bytes, at + 2) << 16U | byte_at(bytes, at + 3) << 24U;
    hash = std::rotl(hash ^ scrambled(block), 13) * 5 + 0xe6546b64;
  }
  std::uint32_t tail = 0;
  for (std::size_t i = bytes.size(); i > at; --i) tail = tail << 8U | byte_at(bytes, i - 1);
  if (at < bytes.size()) hash ^= scrambled(tail);
  return finished(hash ^ static_cast<std::uint32_t>(bytes.size()));
}

}  // namespace pipeline::toggle
