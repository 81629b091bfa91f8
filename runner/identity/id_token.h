// What an ID token has to claim, and whom it is about (OpenID Connect Core 1.0, section 3.1.3.7).
// Pure: the claims' signature has been looked at (json_web_token.h), time comes in.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::identity {

// What the login that asked for the token expects of it.
struct Expected {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  // Which claims hold these.
  std::string name_claim = "preferred_username";
  std::string groups_claim = "groups";
};

struct Verified {
  std::string subject;                // what the issuer calls nobody else by
  std::optional<std::string> name{};  // how people call him; none: it is not claimed
  std::vector<std::string> groups{};
};

// How far the clocks of two machines may be apart.
inline constexpr base::Duration kClockSkew = std::chrono::seconds(60);

// ErrorKind::permission, which says what of it is wrong.
base::Result<Verified> check(const boost::json::object& claims, const Expected& expected,
                             base::TimePoint now);

}  // namespace pipeline::identity
