// The shapes in which a secret shows up in output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipeline::secret {

// Shorter values are no secrets: masked, every "on" or "42" of a log would vanish and say what the
// secret is; unmasked, they would stand there. Who takes secrets from a user refuses them.
inline constexpr std::size_t kShortestSecret = 6;
// Shorter forms are not masked.
inline constexpr std::size_t kShortestForm = 4;

// Distinct and non-empty: the value itself, each of its longer lines, base64 (RFC 4648, both
// alphabets) at each of the three alignments inside a longer text, percent-encoding (RFC 3986, and
// the form variant), JSON string escapes, and what shells print when they quote it. Derived forms
// that came out shorter than kShortestForm are left out.
std::vector<std::string> forms_of(std::string_view secret);

}  // namespace pipeline::secret
