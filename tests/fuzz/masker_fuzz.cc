// The masker: the first line is the secret (in it, | is a line end, so that it may have several),
// the first byte after it the size of a chunk, the rest the output. Wherever the output is cut,
// what comes out is what the naive oracle says, and never the secret in any of its forms.
#include "stages/secret/masker.h"

#include <algorithm>
#include <string>

#include "stages/secret/forms.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/masking_oracle.h"

namespace {

// Every pair of cuts is tried on outputs up to this size, every cut on longer ones up to the next.
constexpr std::size_t kPairs = 24;
constexpr std::size_t kSingles = 256;

std::vector<std::size_t> cuts_every(std::size_t chunk, std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = chunk; at < size; at += chunk) cuts.push_back(at);
  return cuts;
}

}  // namespace

void pipeline::fuzz::run(std::string_view input) {
  const auto line_end = input.find('\n');
  if (line_end == std::string_view::npos || line_end + 1 == input.size()) return;
  std::string secret(input.substr(0, line_end));
  std::replace(secret.begin(), secret.end(), '|', '\n');
  const std::size_t chunk = 1 + static_cast<unsigned char>(input[line_end + 1]) % 64U;
  const auto output = input.substr(line_end + 2);

  secret::Masker masker({secret});
  const std::string expected = support::masked_naively(output, {secret});
  const auto agrees = [&](const std::vector<std::size_t>& cuts) {
    return support::masked_in_parts(masker, output, cuts) == expected;
  };
  FUZZ_EXPECT(agrees(cuts_every(chunk, output.size())));
  const std::size_t last = output.size() <= kSingles ? output.size() : 0;
  for (std::size_t first = 0; first <= last; ++first) {
    FUZZ_EXPECT(agrees({first}));
    for (std::size_t second = first; output.size() <= kPairs && second <= last; ++second) {
      FUZZ_EXPECT(agrees({first, second}));
    }
  }
  if (secret.size() < secret::kShortestForm) return;
  for (const std::string& form : secret::forms_of(secret)) {
    // A form with an asterisk can come out of the masks themselves.
    if (form.find('*') == std::string::npos) {
      FUZZ_EXPECT(expected.find(form) == std::string::npos);
    }
  }
}
