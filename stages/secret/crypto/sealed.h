// One secret, encrypted: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, by libsodium's
// crypto_aead_xchacha20poly1305_ietf).
//
// The bytes:  version 1 (1 byte) | fingerprint of the key (8) | nonce (24) | ciphertext | tag (16)
// The nonce is random, which 24 bytes are enough for. Authenticated beside the secret: version and
// fingerprint, and the label, each part of it behind its length, so that sealed bytes that were
// moved to another name or another repository do not open there.
//
// Pure but for random numbers. Safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace pipeline::secret {

// 32 secret bytes. Wiped from memory when the object goes.
class Key {
 public:
  static constexpr std::size_t kSize = 32;

  static Key random();
  // 64 hexadecimal digits, and white space around them; ErrorKind::corrupt for anything else.
  static base::Result<Key> parse(std::string_view text);

  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();

  const unsigned char* bytes() const { return bytes_.data(); }
  // As parse() reads it, with a line end.
  std::string text() const;
  // Tells keys apart and says nothing of them: 16 hexadecimal digits of a BLAKE2b hash.
  std::string fingerprint() const;

 private:
  Key() = default;

  std::array<unsigned char, kSize> bytes_{};
};

// What a secret is sealed as.
struct Label {
  std::string scope;
  std::string name;
};

std::string seal(const Key& key, const Label& label, std::string_view secret);

// ErrorKind::permission for another key than it was sealed with, ErrorKind::corrupt for bytes that
// are not whole or not under this label. Messages name neither secret nor key.
base::Result<std::string> unseal(const Key& key, const Label& label, std::string_view sealed);

}  // namespace pipeline::secret
