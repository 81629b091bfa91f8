#include "runner/identity/key_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <boost/json.hpp>

#include "runner/identity/base64url.h"

namespace pipeline::identity {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

template <auto Release>
struct By {
  template <class T>
  void operator()(T* object) const {
    Release(object);
  }
};
template <class T, auto Release>
using Owned = std::unique_ptr<T, By<Release>>;
using PublicKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using Number = Owned<BIGNUM, BN_free>;

constexpr int kSmallestRsa = 2048;  // bits
constexpr int kLargestRsa = 16384;  // what takes longer to check is no key but an attack
constexpr std::size_t kMostKeys = 100;
constexpr std::size_t kCoordinate = 32;  // bytes, of P-256
constexpr const char* kCurve = "P-256";

const unsigned char* bytes_of(std::string_view text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A member that is a text; empty when it is not.
std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<std::string> bytes_in(const json::object& object, std::string_view name) {
  auto bytes = from_base64url(text_of(object, name));
  if (!bytes || bytes->empty()) return std::nullopt;
  return bytes;
}

PublicKey key_from(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return PublicKey(key);
}

PublicKey rsa_key(const json::object& object) {
  const auto modulus = bytes_in(object, "n");
  const auto exponent = bytes_in(object, "e");
  if (!modulus || !exponent) return nullptr;
  const auto number = [](const std::string& bytes) {
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
  };
  const Number n = number(*modulus);
  const Number e = number(*exponent);
  if (BN_num_bits(n.get()) < kSmallestRsa || BN_num_bits(n.get()) > kLargestRsa) return nullptr;
  // One would make every text its own signature; an even one is none.
  if (BN_is_one(e.get()) == 1 || BN_is_odd(e.get()) != 1 || BN_num_bits(e.get()) > 64)
    return nullptr;
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return key_from("RSA", builder.get());
}

PublicKey ec_key(const json::object& object) {
  const auto x = bytes_in(object, "x");
  const auto y = bytes_in(object, "y");
  if (text_of(object, "crv") != kCurve || !x || !y) return nullptr;
  if (x->size() != kCoordinate || y->size() != kCoordinate) return nullptr;
  const std::string point = "\x04" + *x + *y;  // uncompressed
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  PublicKey key = key_from("EC", builder.get());
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  const bool is_on_curve = key && context && EVP_PKEY_public_check(context.get()) == 1;
  return is_on_curve ? std::move(key) : nullptr;
}

// JOSE writes the two numbers of an ECDSA signature one after the other (RFC 7518, section 3.4),
// OpenSSL reads them as DER. Empty when they are none.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinate) return "";
  const auto number = [&](std::size_t from) {
    return BN_bin2bn(bytes_of(signature.substr(from)), static_cast<int>(kCoordinate), nullptr);
  };
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  if (ECDSA_SIG_set0(pair.get(), number(0), number(kCoordinate)) != 1) return "";
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return "";
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool is_signed_by(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

}  // namespace

struct KeySet::Key {
  std::string id;
  Algorithm algorithm;
  PublicKey key;
};

std::optional<Algorithm> algorithm_of(std::string_view name) {
  if (name == "RS256") return Algorithm::rs256;
  if (name == "ES256") return Algorithm::es256;
  return std::nullopt;
}

Result<KeySet> KeySet::parse(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  const auto* const list =
      !error && value.is_object() ? value.get_object().if_contains("keys") : nullptr;
  if (list == nullptr || !list->is_array() || list->get_array().size() > kMostKeys)
    return base::fail(ErrorKind::corrupt, "these are no keys of a provider");
  KeySet set;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) continue;
    const json::object& object = one.get_object();
    const std::string type = text_of(object, "kty");
    const std::string use = text_of(object, "use");
    if (!use.empty() && use != "sig") continue;
    const Algorithm algorithm = type == "RSA" ? Algorithm::rs256 : Algorithm::es256;
    const std::string wanted = text_of(object, "alg");
    if (!wanted.empty() && algorithm_of(wanted) != algorithm) continue;
    PublicKey key = type == "RSA" ? rsa_key(object) : type == "EC" ? ec_key(object) : nullptr;
    if (!key) continue;
    set.keys_.push_back(
        std::make_shared<const Key>(Key{text_of(object, "kid"), algorithm, std::move(key)}));
  }
  if (!set.keys_.empty()) return set;
  return base::fail(ErrorKind::corrupt, "the provider has no key for RS256 or ES256");
}

bool KeySet::has(std::string_view key_id) const {
  return std::ranges::any_of(keys_, [&](const auto& key) { return key->id == key_id; });
}

bool KeySet::verify(Algorithm algorithm, const std::optional<std::string>& key_id,
                    std::string_view message, std::string_view signature) const {
  const std::string der = algorithm == Algorithm::es256 ? der_of(signature) : "";
  const std::string_view bytes = algorithm == Algorithm::es256 ? der : signature;
  return std::ranges::any_of(keys_, [&](const auto& key) {
    return key->algorithm == algorithm && (!key_id || key->id == *key_id) &&
           is_signed_by(key->key.get(), message, bytes);
  });
}

}  // namespace pipeline::identity
