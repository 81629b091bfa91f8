#include "stages/host/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>

namespace pipeline::host {

base::Digest hmac_sha256(std::string_view key, std::string_view message) {
  base::Digest::Bytes bytes{};
  unsigned size = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes are unsigned.
  const auto* const text = reinterpret_cast<const unsigned char*>(message.data());
  const auto* const made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text,
                                message.size(), bytes.data(), &size);
  // Only an allocation can fail here, and a program without memory for a hash has no way on.
  if (made == nullptr || size != bytes.size()) std::abort();
  return base::Digest(bytes);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace pipeline::host
