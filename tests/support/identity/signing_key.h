// A key of an identity provider, and tokens that it signs.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "runner/identity/key_set.h"

namespace pipeline::support {

class SigningKey {
 public:
  static SigningKey rsa(std::string id, int bits = 2048);
  static SigningKey ec(std::string id, const char* curve = "P-256");

  // Its public half, as it stands in a key set.
  boost::json::object public_key() const;
  // The same, in PEM: what a confused verifier would take as the shared secret of HS256.
  std::string public_pem() const;
  // A token of these claims with the header that belongs to the key; or with another.
  std::string sign(const boost::json::object& claims) const;
  std::string sign(const boost::json::object& claims, const boost::json::object& header) const;
  std::string signature_of(std::string_view message) const;
  boost::json::object header() const;

 private:
  struct Key;
  SigningKey(std::string id, identity::Algorithm algorithm, std::shared_ptr<Key> key);

  std::string id_;
  identity::Algorithm algorithm_;
  std::shared_ptr<Key> key_;
};

// {"keys":[…]}.
std::string key_set_of(const std::vector<SigningKey>& keys);
// header.claims, without a signature.
std::string unsigned_token(const boost::json::object& header, const boost::json::object& claims);

}  // namespace pipeline::support
