#include "pipelines/base/base64.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/property.h"

namespace pipeline::base {
namespace {

// RFC 4648, section 10.
TEST(Base64, IsThatOfTheStandard) {
  constexpr std::array<std::array<const char*, 2>, 7> kPairs = {{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}}};
  for (const auto& [bytes, text] : kPairs) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(from_base64("Zg"), "f");
  EXPECT_EQ(from_base64("Z g="), std::nullopt);
  EXPECT_EQ(from_base64("Zg=a"), std::nullopt);
}

RC_GTEST_PROP(Base64, gives_back_what_it_was_given, (const std::string& bytes)) {
  RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
}

}  // namespace
}  // namespace pipeline::base
