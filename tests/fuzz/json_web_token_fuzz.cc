// Tokens and key sets of an identity provider: whatever they are, they are read or refused, and no
// token is believed that nobody signed.
#include "runner/identity/json_web_token.h"

#include "tests/fuzz/fuzz.h"

namespace pipeline::fuzz {

namespace {

// Of RFC 7517, appendix A.1: its private half has been published, but a fuzzer does not know it.
constexpr const char* kKeys = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"1",)"
                              R"("x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
                              R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})";

}  // namespace

void run(std::string_view input) {
  static const identity::KeySet keys = identity::KeySet::parse(kKeys).value();
  const auto claims = identity::claims_of(input, keys);
  FUZZ_EXPECT(!claims);
  FUZZ_EXPECT(claims.error().kind() == base::ErrorKind::permission);
  (void)identity::key_id_of(input);
  if (const auto set = identity::KeySet::parse(input))
    FUZZ_EXPECT(!set->verify(identity::Algorithm::es256, std::nullopt, "message", input));
}

}  // namespace pipeline::fuzz
