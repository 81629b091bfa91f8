// A signed JSON Web Token in its compact form (RFC 7515 and 7519), bytes of a stranger. Pure but
// for OpenSSL.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "runner/identity/key_set.h"

namespace pipeline::identity {

// The key that the token says it is signed with; none when it names none, or is no token.
std::optional<std::string> key_id_of(std::string_view token);

// What the token claims, when one of the keys has signed it. ErrorKind::permission otherwise, also
// for an algorithm other than RS256 and ES256, for extensions that have to be understood (`crit`),
// and for anything that could be read in two ways.
base::Result<boost::json::object> claims_of(std::string_view token, const KeySet& keys);

}  // namespace pipeline::identity
