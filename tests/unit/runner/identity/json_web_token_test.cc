#include "runner/identity/json_web_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <boost/json.hpp>

#include "runner/identity/base64url.h"
#include "tests/support/identity/signing_key.h"
#include "tests/support/property.h"

namespace pipeline::identity {
namespace {

namespace json = boost::json;
using support::key_set_of;
using support::SigningKey;
using support::unsigned_token;
using testing::HasSubstr;

// Keys take their time to make: all tests share them.
const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa("r");
  return key;
}
const SigningKey& ec() {
  static const SigningKey key = SigningKey::ec("e");
  return key;
}
const SigningKey& stranger() {
  static const SigningKey key = SigningKey::rsa("r");  // it may call itself as it likes
  return key;
}
KeySet keys() {
  return KeySet::parse(key_set_of({rsa(), ec()})).value();
}

const json::object kClaims = {{"sub", "ann"}};

std::string refusal(const std::string& token) {
  const auto claims = claims_of(token, keys());
  if (claims) return "";
  EXPECT_EQ(claims.error().kind(), base::ErrorKind::permission);
  return claims.error().to_string();
}

TEST(JsonWebToken, IsWhatAKeyHasSigned) {
  for (const SigningKey* key : {&rsa(), &ec()}) {
    const auto claims = claims_of(key->sign(kClaims), keys());
    ASSERT_TRUE(claims) << claims.error().to_string();
    EXPECT_EQ(*claims, kClaims);
  }
  const auto nameless = claims_of(ec().sign(kClaims, {{"alg", "ES256"}}), keys());
  EXPECT_TRUE(nameless) << "without a name every key is tried";
}

TEST(JsonWebToken, HasToBeSigned) {
  const json::object none{{"alg", "none"}};
  EXPECT_THAT(refusal(unsigned_token(none, kClaims) + "."), HasSubstr("neither RS256 nor ES256"));
  EXPECT_THAT(refusal(rsa().sign(kClaims, none)), HasSubstr("neither RS256 nor ES256"));
  for (const char* name : {"None", "nONE", "", "RS1", "RS512", "PS256", "EdDSA"})
    EXPECT_NE(refusal(rsa().sign(kClaims, {{"alg", name}, {"kid", "r"}})), "") << name;
  EXPECT_NE(refusal(rsa().sign(kClaims, {{"kid", "r"}})), "") << "no algorithm at all";
  EXPECT_NE(refusal(rsa().sign(kClaims, {{"alg", json::array{"RS256"}}, {"kid", "r"}})), "");
  EXPECT_NE(refusal(unsigned_token(rsa().header(), kClaims) + "."), "");
}

// What everybody knows of a key is no secret that a token could be signed by.
TEST(JsonWebToken, TakesNoPublicKeyForASharedSecret) {
  const json::object header{{"alg", "HS256"}, {"kid", "r"}};
  const std::string message = unsigned_token(header, kClaims);
  const std::string secret = rsa().public_pem();
  std::string mac(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  EXPECT_THAT(refusal(message + "." + to_base64url(mac)), HasSubstr("neither RS256 nor ES256"));
  EXPECT_NE(refusal(unsigned_token(rsa().header(), kClaims) + "." + to_base64url(mac)), "");
}

TEST(JsonWebToken, IsOfTheKeyThatItNames) {
  EXPECT_THAT(refusal(stranger().sign(kClaims)), HasSubstr("signed by no key of its"));
  EXPECT_NE(refusal(stranger().sign(kClaims, {{"alg", "RS256"}})), "");
  EXPECT_NE(refusal(rsa().sign(kClaims, {{"alg", "RS256"}, {"kid", "e"}})), "");
  EXPECT_NE(refusal(rsa().sign(kClaims, {{"alg", "ES256"}, {"kid", "r"}})), "");
  EXPECT_NE(refusal(ec().sign(kClaims, {{"alg", "RS256"}, {"kid", "e"}})), "");
  EXPECT_NE(refusal(rsa().sign(kClaims, {{"alg", "RS256"}, {"kid", 7}})), "");
  // A key that the token brings along is the stranger's.
  json::object header = stranger().header();
  header["jwk"] = stranger().public_key();
  header["jku"] = "https://evil.example.org/keys";
  EXPECT_NE(refusal(stranger().sign(kClaims, header)), "");
}

TEST(JsonWebToken, IsRefusedWithWhatHasToBeUnderstood) {
  json::object header = rsa().header();
  header["crit"] = json::array{"b64"};
  header["b64"] = false;
  EXPECT_THAT(refusal(rsa().sign(kClaims, header)), HasSubstr("unknown extension"));
}

TEST(JsonWebToken, CannotBeChanged) {
  for (const SigningKey* key : {&rsa(), &ec()}) {
    const std::string token = key->sign(kClaims);
    const auto dot = token.rfind('.');
    const std::string other = unsigned_token(key->header(), {{"sub", "admin"}}) + token.substr(dot);
    EXPECT_NE(refusal(other), "");
    EXPECT_NE(refusal(token.substr(0, dot) + "."), "");
    EXPECT_NE(refusal(token.substr(0, dot)), "");
    EXPECT_NE(refusal(token + ".x"), "");
    EXPECT_NE(refusal(token + "="), "") << "one signature has one text";
    EXPECT_NE(refusal(" " + token), "");
  }
}

TEST(JsonWebToken, OfZeroesIsNoSignature) {
  const std::string message = unsigned_token(ec().header(), kClaims);
  EXPECT_NE(refusal(message + "." + to_base64url(std::string(64, '\0'))), "");
  EXPECT_NE(refusal(message + "." + to_base64url(std::string(63, '\1'))), "");
  EXPECT_NE(
      refusal(unsigned_token(rsa().header(), kClaims) + "." + to_base64url(std::string(256, '\0'))),
      "");
}

TEST(JsonWebToken, NamesItsKeyBeforeItIsBelieved) {
  EXPECT_EQ(key_id_of(rsa().sign(kClaims)), "r");
  EXPECT_EQ(key_id_of(ec().sign(kClaims, {{"alg", "ES256"}})), std::nullopt);
  EXPECT_EQ(key_id_of("x"), std::nullopt);
}

RC_GTEST_PROP(JsonWebTokenProperty, no_other_bytes_are_signed, ()) {
  static const std::string token = ec().sign(kClaims);
  std::string other = token;
  const auto at = *rc::gen::inRange<std::size_t>(0, other.size());
  other[at] = *rc::gen::arbitrary<char>();
  RC_PRE(other != token);
  RC_ASSERT(!claims_of(other, keys()));
}

TEST(KeySet, TakesWhatIsToSignWith) {
  json::object encryption = rsa().public_key();
  encryption["use"] = "enc";
  json::object other_algorithm = rsa().public_key();
  other_algorithm["alg"] = "PS256";
  json::object tiny_exponent = rsa().public_key();
  tiny_exponent["e"] = to_base64url("\x01");
  json::object off_curve = ec().public_key();
  off_curve["y"] = off_curve["x"];
  json::object short_coordinate = ec().public_key();
  short_coordinate["x"] = to_base64url("\x01");
  json::object other_curve = ec().public_key();
  other_curve["crv"] = "P-384";
  json::object shared = {{"kty", "oct"}, {"k", to_base64url("secret")}, {"alg", "HS256"}};
  json::object incomplete = {{"kty", "RSA"}, {"e", "AQAB"}};
  for (const json::object& key : {encryption, other_algorithm, tiny_exponent, off_curve,
                                  short_coordinate, other_curve, shared, incomplete}) {
    const std::string text = json::serialize(json::object{{"keys", json::array{key}}});
    EXPECT_FALSE(KeySet::parse(text)) << text;
  }
  EXPECT_FALSE(KeySet::parse(key_set_of({SigningKey::rsa("weak", 1024)})));
  for (const char* text : {"", "[]", "{}", "{\"keys\":7}", "{\"keys\":[7]}", "{\"keys\":[]}"})
    EXPECT_EQ(KeySet::parse(text).error().kind(), base::ErrorKind::corrupt) << text;
  json::object unused = rsa().public_key();
  unused.erase("use");
  unused.erase("alg");
  const auto plain =
      KeySet::parse(json::serialize(json::object{{"keys", json::array{encryption, unused}}}));
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->has("r"));
  EXPECT_FALSE(plain->has("e"));
}

}  // namespace
}  // namespace pipeline::identity
