#include "stages/secret/crypto/sealed.h"

#include <sodium.h>

#include <stdexcept>

#include "pipelines/base/text.h"

namespace pipeline::secret {

namespace {

using base::ErrorKind;

constexpr char kVersion = 1;
constexpr std::size_t kFingerprint = 8;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHeader = 1 + kFingerprint;
static_assert(Key::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

// Fails only where the machine has no random numbers.
void start_library() {
  if (::sodium_init() < 0) throw std::runtime_error("libsodium could not be started");
}

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());  // NOLINT(*-reinterpret-cast)
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT(*-reinterpret-cast)
}

std::string hex(std::string_view raw) {
  std::string text(raw.size() * 2 + 1, '\0');
  ::sodium_bin2hex(text.data(), text.size(), bytes(raw), raw.size());
  text.pop_back();
  return text;
}

std::string raw_fingerprint(const Key& key) {
  std::string hash(crypto_generichash_BYTES, '\0');
  constexpr std::string_view kPurpose = "pipeline secret key";
  ::crypto_generichash(bytes(hash), hash.size(), bytes(kPurpose), kPurpose.size(), key.bytes(),
                       Key::kSize);
  return hash.substr(0, kFingerprint);
}

std::string header_of(const Key& key) {
  return std::string(1, kVersion) + raw_fingerprint(key);
}

void add_part(std::string& text, std::string_view part) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    text += static_cast<char>(static_cast<std::uint64_t>(part.size()) >> shift);
  }
  text += part;
}

std::string authenticated(std::string_view header, const Label& label) {
  std::string text(header);
  add_part(text, label.scope);
  add_part(text, label.name);
  return text;
}

base::Error damaged() {
  return base::Error(ErrorKind::corrupt, "it is damaged, or was moved here from another name")
      .hint("set it again: pipeline secret set");
}

base::Error other_key(std::string_view sealed_with, const Key& key) {
  return base::Error(ErrorKind::permission, "it is encrypted with another key (" +
                                                hex(sealed_with) + ", this one is " +
                                                key.fingerprint() + ")")
      .hint("bring the key back that it was set with, or set it again: pipeline secret set");
}

}  // namespace

Key Key::random() {
  start_library();
  Key key;
  ::randombytes_buf(key.bytes_.data(), key.bytes_.size());
  return key;
}

base::Result<Key> Key::parse(std::string_view text) {
  start_library();
  const std::string_view digits = base::trim(text);
  Key key;
  std::size_t length = 0;
  const bool is_hex = ::sodium_hex2bin(key.bytes_.data(), key.bytes_.size(), digits.data(),
                                       digits.size(), nullptr, &length, nullptr) == 0;
  if (is_hex && length == kSize && digits.size() == 2 * kSize) return key;
  return base::fail(base::Error(ErrorKind::corrupt, "it is not 64 hexadecimal digits")
                        .hint("openssl rand -hex 32 makes a key"));
}

Key::~Key() {
  ::sodium_memzero(bytes_.data(), bytes_.size());
}

std::string Key::text() const {
  std::string digits(2 * kSize + 1, '\0');
  ::sodium_bin2hex(digits.data(), digits.size(), bytes_.data(), bytes_.size());
  digits.back() = '\n';
  return digits;
}

std::string Key::fingerprint() const {
  return hex(raw_fingerprint(*this));
}

std::string seal(const Key& key, const Label& label, std::string_view secret) {
  const std::string header = header_of(key);
  const std::string beside = authenticated(header, label);
  std::string sealed = header;
  sealed.resize(kHeader + kNonce + secret.size() + kTag);
  unsigned char* const nonce = bytes(sealed) + kHeader;
  ::randombytes_buf(nonce, kNonce);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(
      nonce + kNonce, nullptr, bytes(std::string_view(secret)), secret.size(),
      bytes(std::string_view(beside)), beside.size(), nullptr, nonce, key.bytes());
  return sealed;
}

base::Result<std::string> unseal(const Key& key, const Label& label, std::string_view sealed) {
  if (sealed.size() < kHeader + kNonce + kTag || sealed.front() != kVersion) {
    return base::fail(damaged());
  }
  const std::string_view header = sealed.substr(0, kHeader);
  if (header != header_of(key)) return base::fail(other_key(header.substr(1), key));
  const std::string beside = authenticated(header, label);
  const std::string_view nonce = sealed.substr(kHeader, kNonce);
  const std::string_view cipher = sealed.substr(kHeader + kNonce);
  std::string secret(cipher.size() - kTag, '\0');
  const int refused = ::crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes(secret), nullptr, nullptr, bytes(cipher), cipher.size(),
      bytes(std::string_view(beside)), beside.size(), bytes(nonce), key.bytes());
  if (refused != 0) return base::fail(damaged());
  return secret;
}

}  // namespace pipeline::secret
