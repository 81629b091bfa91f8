// A real identity provider on this machine: the npm package oidc-provider, at which everybody is
// whom the test says (provider.mjs).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/product/product.h"

namespace pipeline::support {

class OidcProvider {
 public:
  static constexpr const char* kClient = "pipeline";
  static constexpr const char* kSecret = "the-secret-of-the-client";

  // Installs it with `npm ci` where nobody has yet. Why it cannot be had here; none: it is there.
  static std::optional<std::string> why_missing();

  // Below the product's root; it has one client, whose people come back to `redirect`.
  OidcProvider(Product& product, const std::string& redirect);

  const std::string& issuer() const { return issuer_; }
  const std::filesystem::path& secret_file() const { return secret_file_; }
  // Who sits before the browser from now on, by subject; "nobody" says no.
  void sits_there(const std::string& subject);
  // What it says of people: {"4711": {"preferred_username": "ann", "groups": ["ops"]}}.
  void knows(const std::string& accounts);
  // What a browser that is sent to `address`, and from there on, comes to see.
  Ran browse(const std::string& address);

 private:
  Product& product_;
  const std::filesystem::path directory_;
  const std::filesystem::path secret_file_;
  std::unique_ptr<Running> running_;
  std::string issuer_;
};

}  // namespace pipeline::support
