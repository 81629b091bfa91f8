// An identity provider by OpenID Connect: its discovery document, the address where somebody logs
// in, and what it says of him afterwards (authorization code flow with PKCE, RFC 7636).
//
// The discovery document and the keys are asked for when they are first needed and kept for an
// hour; a key that is not among them makes it look once more, at most every ten seconds.
// Threads: safe from any; calls of the provider block, one at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/identity/id_token.h"
#include "runner/identity/key_set.h"

namespace pipeline::identity {

struct ProviderSettings {
  std::string issuer;  // "https://id.example.org", as it calls itself
  std::string client_id;
  std::string client_secret{};  // empty: it has given us none
  std::string redirect_uri;     // where it sends people back to, registered there
  std::string scopes = "openid profile";
  std::string name_claim = "preferred_username";
  std::string groups_claim = "groups";
  std::optional<std::filesystem::path> authorities{};  // PEM; none: those that the system trusts
};

// What a login has to remember until somebody comes back; all of it secret.
struct Challenge {
  std::string state;
  std::string nonce;
  std::string verifier;  // of PKCE

  static Challenge make();
};

// What is shown of a verifier beforehand: S256 of RFC 7636.
std::string pkce_challenge_of(const std::string& verifier);

class Provider {
 public:
  // The clock outlives it.
  Provider(ProviderSettings settings, const base::Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  const std::string& issuer() const { return settings_.issuer; }

  // Where somebody is to go for a login.
  base::Result<std::string> login_address(const Challenge& challenge);
  // Who has come back with that code. ErrorKind::permission when what the provider says of him does
  // not hold, ErrorKind::unavailable when it cannot be asked.
  base::Result<Verified> redeem(const std::string& code, const Challenge& challenge);

 private:
  struct Endpoints {
    std::string authorization;
    std::string token;
    std::string keys;
    base::TimePoint read_at;
  };

  // All with the mutex held.
  base::Result<Endpoints> endpoints();
  base::Result<> read_keys(const Endpoints& endpoints);
  base::Result<std::string> id_token_for(const std::string& code, const Challenge& challenge,
                                         const Endpoints& endpoints);
  // Keys among which the one is that the token names, as far as the provider has it.
  base::Result<> expect_key_of(const std::string& token, const Endpoints& endpoints);

  const ProviderSettings settings_;
  const base::Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::optional<Endpoints> endpoints_;
  std::optional<KeySet> keys_;
  base::TimePoint keys_read_at_;
};

}  // namespace pipeline::identity
