#include "runner/identity/base64url.h"

#include <gtest/gtest.h>

#include "tests/support/property.h"

namespace pipeline::identity {
namespace {

TEST(Base64Url, IsThatOfTheStandard) {
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("fo"), "Zm8");
  EXPECT_EQ(to_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xff\xef\xbe"), "_---");
}

TEST(Base64Url, HasOneTextForEachBytes) {
  for (const char* text :
       {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 9", "Zm9+", "Zm9/", "Zg\n"})
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
}

RC_GTEST_PROP(Base64UrlProperty, any_bytes_come_through, (const std::string& bytes)) {
  RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

RC_GTEST_PROP(Base64UrlProperty, what_is_read_is_written_so, (const std::string& text)) {
  const auto bytes = from_base64url(text);
  if (bytes) RC_ASSERT(to_base64url(*bytes) == text);
}

}  // namespace
}  // namespace pipeline::identity
