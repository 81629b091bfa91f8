#include "pipelines/base/digest.h"

#include "tests/support/property.h"

namespace pipeline::base {
namespace {

// SHA-256 of the empty string, as everybody prints it.
constexpr std::string_view kEmpty =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Digest, reads_and_prints_hexadecimal) {
  const auto digest = Digest::parse(kEmpty);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->hex(), kEmpty);
  EXPECT_EQ(digest->short_hex(), "e3b0c44298fc");
  EXPECT_EQ(digest->bytes()[0], 0xE3);
  EXPECT_EQ(digest->bytes()[31], 0x55);
}

TEST(Digest, accepts_the_algorithm_in_front) {
  EXPECT_EQ(Digest::parse("sha256:" + std::string(kEmpty)), Digest::parse(kEmpty));
}

TEST(Digest, refuses_everything_else) {
  const std::string good(kEmpty);
  for (const std::string& text : std::vector<std::string>{
           "", good.substr(1), good + "0", "g" + good.substr(1), "E" + good.substr(1),
           "sha512:" + good, "sha256:", " " + good.substr(1)}) {
    const auto digest = Digest::parse(text);
    ASSERT_FALSE(digest) << text;
    EXPECT_EQ(digest.error().kind(), ErrorKind::invalid) << text;
  }
}

RC_GTEST_PROP(Digest, every_value_survives_its_text, (const Digest::Bytes& bytes)) {
  const Digest digest(bytes);
  RC_ASSERT(Digest::parse(digest.hex()).value() == digest);
}

RC_GTEST_PROP(Digest, order_is_that_of_the_text, (const Digest::Bytes& a, const Digest::Bytes& b)) {
  RC_ASSERT((Digest(a) < Digest(b)) == (Digest(a).hex() < Digest(b).hex()));
}

}  // namespace
}  // namespace pipeline::base
