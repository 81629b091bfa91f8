// The shapes in which a secret shows up in output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipeline::secret {

// Shorter forms are not masked.
inline constexpr std::size_t kShortestForm = 4;

// Distinct and non-empty: the value itself, base64 (RFC 4648, both alphabets) at each of the three
// alignments inside a longer text, percent-encoding (RFC 3986, and the form variant), JSON string
// escapes, and what shells print when they quote it. Of a value with several lines (ended by \n,
// \r\n or \r) all of these with each kind of line end, with and without the last, and of each of
// its longer lines by itself. Derived forms that came out shorter than kShortestForm are left out.
std::vector<std::string> forms_of(std::string_view secret);

}  // namespace pipeline::secret
