#include "tests/support/identity/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/json.hpp>
#include <stdexcept>
#include <vector>

#include "runner/identity/base64url.h"

namespace pipeline::support {

namespace {

namespace json = boost::json;
using identity::Algorithm;
using identity::to_base64url;

constexpr std::size_t kCoordinate = 32;

void expect(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL does not do what a test wants");
}

std::string text_of(const std::vector<unsigned char>& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string number_of(EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* number = nullptr;
  expect(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::vector<unsigned char> bytes(std::max(size, static_cast<std::size_t>(BN_num_bytes(number))));
  BN_bn2binpad(number, bytes.data(), static_cast<int>(bytes.size()));
  BN_free(number);
  return text_of(bytes);
}

// DER as JOSE writes it: both numbers in full.
std::string joined(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  expect(pair != nullptr);
  std::vector<unsigned char> bytes(2 * kCoordinate);
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes.data(), kCoordinate);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes.data() + kCoordinate, kCoordinate);
  ECDSA_SIG_free(pair);
  return text_of(bytes);
}

}  // namespace

struct SigningKey::Key {
  explicit Key(EVP_PKEY* made) : key(made) { expect(made != nullptr); }
  ~Key() { EVP_PKEY_free(key); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  EVP_PKEY* const key;
};

SigningKey::SigningKey(std::string id, Algorithm algorithm, std::shared_ptr<Key> key)
    : id_(std::move(id)), algorithm_(algorithm), key_(std::move(key)) {}

SigningKey SigningKey::rsa(std::string id, int bits) {
  return {std::move(id), Algorithm::rs256,
          std::make_shared<Key>(EVP_RSA_gen(static_cast<unsigned>(bits)))};
}

SigningKey SigningKey::ec(std::string id, const char* curve) {
  return {std::move(id), Algorithm::es256, std::make_shared<Key>(EVP_EC_gen(curve))};
}

json::object SigningKey::public_key() const {
  json::object object{{"kid", id_}, {"use", "sig"}, {"alg", header().at("alg")}};
  EVP_PKEY* const key = key_->key;
  if (algorithm_ == Algorithm::rs256) {
    object["kty"] = "RSA";
    object["n"] = to_base64url(number_of(key, OSSL_PKEY_PARAM_RSA_N, 0));
    object["e"] = to_base64url(number_of(key, OSSL_PKEY_PARAM_RSA_E, 0));
    return object;
  }
  object["kty"] = "EC";
  object["crv"] = "P-256";
  object["x"] = to_base64url(number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinate));
  object["y"] = to_base64url(number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinate));
  return object;
}

std::string SigningKey::public_pem() const {
  BIO* const memory = BIO_new(BIO_s_mem());
  expect(PEM_write_bio_PUBKEY(memory, key_->key) == 1);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

json::object SigningKey::header() const {
  return {{"alg", algorithm_ == Algorithm::rs256 ? "RS256" : "ES256"}, {"kid", id_}};
}

std::string SigningKey::sign(const json::object& claims) const {
  return sign(claims, header());
}

std::string SigningKey::sign(const json::object& claims, const json::object& header) const {
  const std::string message = unsigned_token(header, claims);
  return message + "." + to_base64url(signature_of(message));
}

std::string SigningKey::signature_of(std::string_view message) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  expect(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_->key) == 1);
  expect(EVP_DigestSign(context, nullptr, &size, bytes, message.size()) == 1);
  std::vector<unsigned char> signature(size);
  expect(EVP_DigestSign(context, signature.data(), &size, bytes, message.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  const std::string text = text_of(signature);
  return algorithm_ == Algorithm::es256 ? joined(text) : text;
}

std::string key_set_of(const std::vector<SigningKey>& keys) {
  json::array list;
  for (const SigningKey& key : keys) list.push_back(key.public_key());
  return json::serialize(json::object{{"keys", std::move(list)}});
}

std::string unsigned_token(const json::object& header, const json::object& claims) {
  return to_base64url(json::serialize(header)) + "." + to_base64url(json::serialize(claims));
}

}  // namespace pipeline::support
