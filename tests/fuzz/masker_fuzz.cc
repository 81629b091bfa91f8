// The masker: the first line is the secret, the first byte after it the size of a chunk, the rest
// the output. Wherever the chunks end, the same comes out, and never the secret in any of its
// forms.
#include "stages/secret/masker.h"

#include <algorithm>
#include <string>

#include "stages/secret/forms.h"
#include "tests/fuzz/fuzz.h"

namespace {

std::string masked(const std::string& secret, std::string_view output, std::size_t chunk) {
  pipeline::secret::Masker masker({secret});
  std::string text;
  const auto sink = [&text](std::string_view bytes) { text += bytes; };
  for (; !output.empty(); output.remove_prefix(std::min(chunk, output.size()))) {
    masker.write(output.substr(0, chunk), sink);
  }
  masker.flush(sink);
  return text;
}

}  // namespace

void pipeline::fuzz::run(std::string_view input) {
  const auto line_end = input.find('\n');
  if (line_end == std::string_view::npos || line_end + 1 == input.size()) return;
  const std::string secret(input.substr(0, line_end));
  const std::size_t chunk = 1 + static_cast<unsigned char>(input[line_end + 1]) % 64U;
  const auto output = input.substr(line_end + 2);

  const std::string text = masked(secret, output, chunk);
  FUZZ_EXPECT(text == masked(secret, output, output.size() + 1));
  if (secret.size() < secret::kShortestForm) return;
  for (const std::string& form : secret::forms_of(secret)) {
    // A form with an asterisk can come out of the masks themselves.
    if (form.find('*') == std::string::npos) FUZZ_EXPECT(text.find(form) == std::string::npos);
  }
}
