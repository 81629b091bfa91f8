#include "runner/server/http/target.h"

#include "tests/support/property.h"

namespace pipeline::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string refusal(std::string_view text) {
  const auto target = parse_target(text);
  return target ? "" : target.error().to_string();
}

TEST(Target, IsTakenApart) {
  const auto target = parse_target("/api/v1/runs/7?limit=20&branch=a%2Fb+c&flag&=x");
  ASSERT_TRUE(target);
  EXPECT_THAT(target->path, ElementsAre("api", "v1", "runs", "7"));
  EXPECT_THAT(target->query, ElementsAre(Pair("limit", "20"), Pair("branch", "a/b c"),
                                         Pair("flag", ""), Pair("", "x")));
  EXPECT_EQ(target->raw_query, "limit=20&branch=a%2Fb+c&flag&=x");
  EXPECT_EQ(target->parameter("limit"), "20");
  EXPECT_EQ(target->parameter("after"), std::nullopt);
}

TEST(Target, MayNameTheRootOrAHost) {
  EXPECT_THAT(parse_target("/")->path, IsEmpty());
  EXPECT_THAT(parse_target("/?a=1")->path, IsEmpty());
  EXPECT_THAT(parse_target("http://ci.example:8440/api/")->path, ElementsAre("api"));
  EXPECT_THAT(parse_target("https://ci.example")->path, IsEmpty());
}

TEST(Target, PartsAreDecodedOnce) {
  EXPECT_THAT(parse_target("/%C3%A4/a%20b/%252e")->path, ElementsAre("ä", "a b", "%2e"));
  EXPECT_THAT(parse_target("/a+b")->path, ElementsAre("a+b"));
}

TEST(Target, RefusesWhatTwoReadersCouldTakeForTwoThings) {
  for (const std::string_view text :
       {"/a//b", "//", "/a/../b", "/a/%2e%2e/b", "/./a", "/a%2fb", "/a%2Fb"})
    EXPECT_EQ(refusal(text), "the address leads nowhere") << text;
  for (const std::string_view text : {"/%", "/%4", "/%zz", "/a?b=%g1"})
    EXPECT_EQ(refusal(text), "a broken escape in the address") << text;
  for (const std::string_view text : {"/a%00b", "/a%0ab", "/a?b=%0d", "/%7f"})
    EXPECT_EQ(refusal(text), "a control character in the address") << text;
  EXPECT_EQ(refusal("/%ff"), "the address is not valid UTF-8");
  EXPECT_EQ(refusal("/a#b"), "the address has a fragment");
  EXPECT_EQ(refusal(""), "the address has no path");
  EXPECT_EQ(refusal("*"), "the address has no path");
  EXPECT_EQ(refusal("ftp://x/y"), "the address has no path");
  EXPECT_EQ(refusal("/" + std::string(9000, 'a')), "the address is too long");
}

// A text that may stand in an address: no control characters, valid UTF-8.
std::string some_text() {
  const auto letters = rc::gen::elementOf(
      std::vector<std::string>{"a", "Z", "0", "-",  ".", "_", "~", " ", "%", "+", "&",
                               "=", "?", "#", "\"", "<", "ä", "→", "𝄞", ":", "@", "\\"});
  std::string text;
  for (const auto& letter : *rc::gen::container<std::vector<std::string>>(letters)) text += letter;
  return text;
}

RC_GTEST_PROP(Target, what_was_escaped_is_read_again, ()) {
  const std::string part = some_text();
  const std::string value = some_text();
  RC_PRE(!part.empty() && part != "." && part != "..");
  const auto target = parse_target("/x/" + escape(part) + "?q=" + escape(value));
  RC_ASSERT(target.has_value());
  RC_ASSERT(target->path.at(1) == part);
  RC_ASSERT(target->parameter("q") == value);
}

}  // namespace
}  // namespace pipeline::http
