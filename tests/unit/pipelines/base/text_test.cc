#include "pipelines/base/text.h"

#include "tests/support/property.h"

namespace pipeline::base {
namespace {

TEST(Text, split_and_join) {
  EXPECT_EQ(split("a/b//c", '/'), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split("", '/'), std::vector<std::string>{""});
  EXPECT_EQ(join({"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(join({}, ", "), "");
}

RC_GTEST_PROP(Text, join_undoes_split, (const std::string& text)) {
  RC_ASSERT(join(split(text, ','), ",") == text);
}

TEST(Text, trim_takes_space_from_both_ends) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Nearest, finds_what_was_meant) {
  const std::vector<std::string> keys = {"name", "needs", "outputs", "inputs", "timeout"};
  EXPECT_EQ(nearest("ouptuts", keys), "outputs");
  EXPECT_EQ(nearest("timout", keys), "timeout");
  EXPECT_EQ(nearest("nmae", keys), "name");
  EXPECT_EQ(nearest("input", keys), "inputs");
  EXPECT_EQ(nearest("need", keys), "needs");
  EXPECT_EQ(nearest("needs", keys), "needs");
}

TEST(Nearest, stays_silent_when_nothing_is_near) {
  EXPECT_EQ(nearest("matrix", {"name", "needs"}), std::nullopt);
  EXPECT_EQ(nearest("ab", {"ac"}), std::nullopt);
  EXPECT_EQ(nearest("", {"a"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(1U << 20U, 'x'), {"name"}), std::nullopt);
  EXPECT_EQ(nearest("name", {}), std::nullopt);
}

TEST(Utf8, knows_valid_from_invalid) {
  for (const std::string_view good :
       {"", "plain", "é", "€", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  // Overlong, surrogate, beyond U+10FFFF, lone continuation, cut short, never a lead byte.
  for (const std::string_view bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xA0\x80",
                                     "\xF4\x90\x80\x80", "\x80", "\xE2\x82", "\xFF", "a\xC3"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

TEST(Printable, removes_escape_sequences) {
  EXPECT_EQ(printable("\x1B[31mred\x1B[0m"), "red");
  EXPECT_EQ(printable("\x1B]0;title\aafter"), "after");
  EXPECT_EQ(printable("\x1B]8;;http://x\x1B\\link\x1B]8;;\x1B\\"), "link");
  EXPECT_EQ(printable("\x1B(Btext"), "text");
  EXPECT_EQ(printable("a\x1B"
                      "cb"),
            "ab");
  EXPECT_EQ(printable("cut\x1B["), "cut");
  EXPECT_EQ(printable("cut\x1B]0;never ends"), "cut");
  EXPECT_EQ(printable("cut\x1B"), "cut");
  // A new sequence ends an unfinished string, as a terminal does.
  EXPECT_EQ(printable("\x1B]0;t\x1B[31mshown"), "shown");
}

TEST(Printable, removes_controls_and_marks_invalid_bytes) {
  EXPECT_EQ(printable("a\tb\r\nc\x7F\b"), "a bc");
  EXPECT_EQ(printable("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31mb"),
            "a31mb");
  // NOLINTNEXTLINE(misc-misleading-bidirectional): such a mark is what is removed here.
  EXPECT_EQ(printable("ab\xE2\x80\xAE"
                      "cd"),
            "abcd");
  EXPECT_EQ(printable("Zürich 東京"), "Zürich 東京");
}

RC_GTEST_PROP(Printable, is_clean_whatever_came_in, (const std::string& bytes)) {
  const std::string text = printable(bytes);
  RC_ASSERT(is_valid_utf8(text));
  RC_ASSERT(std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }));
  RC_ASSERT(printable(text) == text);
}

TEST(DisplayWidth, counts_columns) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("plain"), 5U);
  EXPECT_EQ(display_width("Zürich"), 6U);
  EXPECT_EQ(display_width("東京"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);
  EXPECT_EQ(display_width("\xFF"), 1U);
}

TEST(Elide, cuts_at_the_column) {
  EXPECT_EQ(elide("plain", 5), "plain");
  EXPECT_EQ(elide("plainer", 5), "plai…");
  EXPECT_EQ(elide("東京都", 5), "東京…");
  EXPECT_EQ(elide("東京都", 4), "東…");
  EXPECT_EQ(elide("plain", 1), "…");
  EXPECT_EQ(elide("plain", 0), "");
  EXPECT_EQ(elide("", 0), "");
}

RC_GTEST_PROP(Elide, never_wider_and_never_cuts_a_code_point, (const std::string& bytes)) {
  const std::string text = printable(bytes);
  const auto columns = *rc::gen::inRange<std::size_t>(0, 40);
  const std::string cut = elide(text, columns);
  RC_ASSERT(display_width(cut) <= columns);
  RC_ASSERT(is_valid_utf8(cut));
  RC_ASSERT(display_width(text) > columns || cut == text);
}

}  // namespace
}  // namespace pipeline::base
