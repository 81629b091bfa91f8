// A sealed secret as it lies in the database, and a key file. Whatever the bytes: an answer, never
// a secret that was not sealed under this key; what is sealed opens again.
#include "stages/secret/crypto/sealed.h"

#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  static const secret::Key key = secret::Key::parse(std::string(64, '7')).value();
  const secret::Label label{"global", "NAME"};
  FUZZ_EXPECT(!secret::unseal(key, label, input));
  // Behind a header that fits, so that the search gets past it.
  const std::string sealed = secret::seal(key, label, input);
  FUZZ_EXPECT(secret::unseal(key, label, sealed) == input);
  FUZZ_EXPECT(!secret::unseal(key, label, sealed.substr(0, 33) + std::string(input)));
  if (const auto parsed = secret::Key::parse(input)) {
    FUZZ_EXPECT(secret::Key::parse(parsed->text())->fingerprint() == parsed->fingerprint());
  }
}
