#include "stages/host/hmac.h"

#include <gtest/gtest.h>

namespace pipeline::host {
namespace {

// RFC 4231, section 4.3.
TEST(Hmac, IsThatOfTheStandard) {
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?").hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(ConstantTime, FindsEveryDifference) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  for (const char* other : {"", "secre", "secrets", "Secret", "secreT", "secreu"})
    EXPECT_FALSE(equal_in_constant_time("secret", other)) << other;
}

}  // namespace
}  // namespace pipeline::host
