// The public keys that a provider signs with: a JSON Web Key Set (RFC 7517), bytes of a stranger.
//
// RSA keys of 2048 bits and more, for RS256, and P-256 keys, for ES256; whatever else is in the set
// is not looked at. Pure but for OpenSSL; safe from any thread once made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::identity {

enum class Algorithm : std::uint8_t { rs256, es256 };

// None for every other, "none" and those with shared secrets (HS256) above all.
std::optional<Algorithm> algorithm_of(std::string_view name);

class KeySet {
 public:
  // ErrorKind::corrupt when it is no key set, or has no key that is understood.
  static base::Result<KeySet> parse(std::string_view text);

  bool has(std::string_view key_id) const;
  // Whether `signature` is that of `message` by the key of that id; without an id, by any key.
  // A key is only ever used for the algorithm that it is for.
  bool verify(Algorithm algorithm, const std::optional<std::string>& key_id,
              std::string_view message, std::string_view signature) const;

 private:
  struct Key;
  std::vector<std::shared_ptr<const Key>> keys_;
};

}  // namespace pipeline::identity
