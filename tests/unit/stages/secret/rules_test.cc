#include "stages/secret/rules.h"

#include <gtest/gtest.h>

namespace pipeline::secret {
namespace {

TEST(SecretRules, RefuseWhatCannotBeOneAndNeverQuoteIt) {
  const std::string zero("with\0zero", 9);
  for (const std::string& value :
       {std::string(), std::string("12345"), std::string(kLongestSecret + 1, 'x'), zero}) {
    const auto refused = check_value("PIN", value);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
    EXPECT_TRUE(refused.error().message().starts_with("PIN "));
    EXPECT_TRUE(refused.error().hint());
    if (value.empty()) continue;
    EXPECT_EQ(refused.error().to_string().find(value), std::string::npos);
  }
  EXPECT_TRUE(check_value("PIN", "123456"));
  EXPECT_TRUE(check_value("PIN", std::string(kLongestSecret, 'x')));
}

TEST(SecretRules, TakeOneLineEndAway) {
  EXPECT_EQ(without_line_end("value\n"), "value");
  EXPECT_EQ(without_line_end("value\n\n"), "value\n");
  EXPECT_EQ(without_line_end("value"), "value");
  EXPECT_EQ(without_line_end(""), "");
}

}  // namespace
}  // namespace pipeline::secret
