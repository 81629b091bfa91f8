#include "pipelines/base/glob.h"

#include <array>

#include "pipelines/base/text.h"
#include "tests/support/property.h"

namespace pipeline::base {
namespace {

struct Row {
  const char* pattern;
  const char* path;
  bool matches;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.pattern << " on " << row.path;
}

class GlobTable : public testing::TestWithParam<Row> {};

TEST_P(GlobTable, holds) {
  const auto glob = Glob::compile(GetParam().pattern);
  ASSERT_TRUE(glob) << glob.error().to_string();
  EXPECT_EQ(glob->matches(GetParam().path), GetParam().matches);
}

// What git's pathname matching (wildmatch with WM_PATHNAME, and the table of its own test) and bash
// (globstar, extglob off) agree on; those are the two that users know.
constexpr auto kTable = std::to_array<Row>({
    {"foo", "foo", true},
    {"foo", "bar", false},
    {"???", "foo", true},
    {"??", "foo", false},
    {"*", "foo", true},
    {"f*", "foo", true},
    {"*f", "foo", false},
    {"*foo*", "foo", true},
    {"*ob*a*r*", "foobar", true},
    {"*ab", "aaaaaaabababab", true},
    {"foo\\*", "foo*", true},
    {"foo\\*bar", "foobar", false},
    {"f\\\\oo", "f\\oo", true},
    {"*[al]?", "ball", true},
    {"[ten]", "ten", false},
    {"**[!te]", "ten", true},
    {"**[!ten]", "ten", false},
    {"t[a-g]n", "ten", true},
    {"t[!a-g]n", "ten", false},
    {"t[!a-g]n", "ton", true},
    {"t[^a-g]n", "ton", true},
    {"a[]]b", "a]b", true},
    {"a[]-]b", "a-b", true},
    {"a[]-]b", "a]b", true},
    {"a[]-]b", "aab", false},
    {"a[]a-]b", "aab", true},
    {"]", "]", true},
    {"foo*bar", "foo/baz/bar", false},
    {"foo**bar", "foo/baz/bar", false},
    {"foo**bar", "foobazbar", true},
    {"foo/**/bar", "foo/baz/bar", true},
    {"foo/**/**/bar", "foo/baz/bar", true},
    {"foo/**/bar", "foo/b/a/z/bar", true},
    {"foo/**/**/bar", "foo/b/a/z/bar", true},
    {"foo/**/bar", "foo/bar", true},
    {"foo/**/**/bar", "foo/bar", true},
    {"foo?bar", "foo/bar", false},
    {"foo[!x]bar", "foo/bar", false},
    {"f[^eiu][^eiu][^eiu][^eiu][^eiu]r", "foo/bar", false},
    {"f[^eiu][^eiu][^eiu][^eiu][^eiu]r", "foo-bar", true},
    {"**/foo", "foo", true},
    {"**/foo", "XXX/foo", true},
    {"**/foo", "bar/baz/foo", true},
    {"*/foo", "bar/baz/foo", false},
    {"**/bar*", "foo/bar/baz", false},
    {"**/bar/*", "deep/foo/bar/baz", true},
    {"**/bar/*", "deep/foo/bar/baz/x", false},
    {"**/bar/**", "deep/foo/bar/baz/x", true},
    {"**/bar/*/*", "deep/foo/bar/baz/x", true},
    {"*/bar/**", "foo/bar/baz/x", true},
    {"*/bar/**", "deep/foo/bar/baz/x", false},
    {"*/*/*", "foo/bba/arr", true},
    {"*/*/*", "foo/bar", false},
    {"**/**/**", "foo/bb/aa/rr", true},
    {"*X*i", "abcXdefXghi", true},
    {"*X*i", "ab/cXd/efXg/hi", false},
    {"*/*X*/*/*i", "ab/cXd/efXg/hi", true},
    {"**/*X*/**/*i", "ab/cXd/efXg/hi", true},
    {"[\\-_]", "-", true},
    {"[\\]]", "]", true},
    {"[\\]]", "\\", false},
    {"[A-\\\\]", "G", true},
    {"[,]", ",", true},
    {"[--A]", "5", true},
    {"[a-c]b*", "bb-8", true},
});

// A set never matches '/', and POSIX leaves one that names it undefined: refused, so that it cannot
// surprise.
TEST(Glob, refuses_a_set_across_segments) {
  EXPECT_FALSE(Glob::compile("a*[!/]b"));
}

INSTANTIATE_TEST_SUITE_P(AsGitAndShell, GlobTable, testing::ValuesIn(kTable));

// Bash's brace expansion, and the bounds of our own rules.
constexpr auto kBracesAndBounds = std::to_array<Row>({
    {"{a,b}.c", "a.c", true},
    {"{a,b}.c", "b.c", true},
    {"{a,b}.c", "{a,b}.c", false},
    {"src/{a/b,c}/*.h", "src/a/b/x.h", true},
    {"src/{a/b,c}/*.h", "src/c/x.h", true},
    {"src/{a/b,c}/*.h", "src/a/x.h", false},
    {"{x,{y,z}1}", "z1", true},
    {"{x,{y,z}1}", "z", false},
    {"a{,b}", "a", true},
    {"a{,b}", "ab", true},
    {"a{b}", "ab", true},
    {"a\\{b,c}", "a{b,c}", true},
    {"[{]a,b}", "{a,b}", true},
    {"a,b}", "a,b}", true},
    {"{src,include}/**/*.{h,cc}", "include/a/b/c.cc", true},
    {"{src,include}/**/*.{h,cc}", "include/a/b/c.hpp", false},
    {"src/**", "src", true},
    {"src/**", "src/a/b", true},
    {"src/**", "srcs/a", false},
    {"src/*", "src", false},
    {"src/*", "src/.hidden", true},
    {"**", "", true},
    {"**", "a/b/c", true},
    {"?", "\xC3\xA9", false},
    {"??", "\xC3\xA9", true},
});
INSTANTIATE_TEST_SUITE_P(BracesAndBounds, GlobTable, testing::ValuesIn(kBracesAndBounds));

std::string why(std::string_view pattern) {
  const auto glob = Glob::compile(pattern);
  return glob ? "accepted" : glob.error().message();
}

TEST(Glob, refuses_and_says_why) {
  constexpr const char* kNoEnd = "a set or a quoted character in the pattern has no end";
  EXPECT_EQ(why(""), "the pattern is empty");
  EXPECT_EQ(why(std::string(4096, 'a')), "accepted");
  EXPECT_EQ(why(std::string(4097, 'a')), "the pattern is longer than 4 KiB");
  EXPECT_EQ(why("[abc"), kNoEnd);
  EXPECT_EQ(why("[]"), kNoEnd);
  EXPECT_EQ(why("[a/b]"), kNoEnd);
  EXPECT_EQ(why("{[,a]"), "a brace in the pattern is not closed");
  EXPECT_EQ(why("a\\"), kNoEnd);
  EXPECT_EQ(why("a\\/b"), kNoEnd);
  EXPECT_EQ(why("{a,b"), "a brace in the pattern is not closed");
  EXPECT_EQ(why("{a,{b,c}"), "a brace in the pattern is not closed");
}

TEST(Glob, brace_expansions_are_bounded) {
  constexpr const char* kTooMany = "the pattern's braces stand for more than 1000 patterns";
  const auto repeat = [](std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  EXPECT_EQ(why(repeat("{a,b}", 9)), "accepted");  // 512
  EXPECT_EQ(why(repeat("{a,b}", 10)), kTooMany);   // 1024
  EXPECT_EQ(why(repeat("{a,b}", 800)), kTooMany);  // refused long before 2^800
  EXPECT_EQ(why("{" + repeat(",", 1500) + "}"), kTooMany);
  EXPECT_EQ(why(repeat("{", 2000) + repeat("}", 2000)), "accepted");
}

TEST(Glob, many_stars_cost_no_exponential_time) {
  const auto glob = Glob::compile("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
  ASSERT_TRUE(glob);
  EXPECT_FALSE(glob->matches(std::string(20'000, 'a')));
  const auto deep = Glob::compile("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b");
  ASSERT_TRUE(deep);
  std::string path;
  for (int i = 0; i < 5'000; ++i) path += "a/";
  EXPECT_FALSE(deep->matches(path + "c"));
}

TEST(Glob, tells_a_walk_where_to_look) {
  const auto glob = Glob::compile("{src/*/x.h,docs/**,*.md}").value();
  EXPECT_TRUE(glob.may_match_below(""));
  EXPECT_TRUE(glob.may_match_below("src"));
  EXPECT_TRUE(glob.may_match_below("src/a"));
  EXPECT_FALSE(glob.may_match_below("src/a/b"));
  EXPECT_TRUE(glob.may_match_below("docs/deep/down"));
  EXPECT_FALSE(glob.may_match_below("build"));
  EXPECT_FALSE(glob.may_match_below("x.md"));
}

// Short texts over few characters meet each other's patterns often enough to test both answers.
rc::Gen<std::string> text_of(const std::string& characters) {
  return rc::gen::container<std::string>(rc::gen::elementOf(characters));
}

// The definition, without any cleverness: what a pattern of `*`, `?`, `**`, '/' and letters means.
bool naive(std::string_view pattern, std::string_view text);

bool naive_segments(const std::vector<std::string>& pattern, std::size_t p,
                    const std::vector<std::string>& text, std::size_t t) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == "**") {
    return naive_segments(pattern, p + 1, text, t) ||
           (t < text.size() && naive_segments(pattern, p, text, t + 1));
  }
  return t < text.size() && naive(pattern[p], text[t]) &&
         naive_segments(pattern, p + 1, text, t + 1);
}

bool naive(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    return naive(pattern.substr(1), text) || (!text.empty() && naive(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
         naive(pattern.substr(1), text.substr(1));
}

RC_GTEST_PROP(Glob, agrees_with_the_definition, ()) {
  const std::string pattern = *text_of("ab*?/");
  const std::string path = *text_of("ab/");
  RC_PRE(!pattern.empty());
  const bool expected = naive_segments(split(pattern, '/'), 0, split(path, '/'), 0);
  RC_CLASSIFY(expected, "matches");
  RC_ASSERT(Glob::compile(pattern).value().matches(path) == expected);
}

RC_GTEST_PROP(Glob, a_quoted_text_matches_itself_only, ()) {
  const std::string text = *text_of("ab*?[]{},\\!-");
  const std::string other = *text_of("ab*?[]{},\\!-");
  RC_PRE(!text.empty());
  std::string quoted;
  for (const char c : text) quoted += std::string("\\") + c;
  const auto glob = Glob::compile(quoted).value();
  RC_ASSERT(glob.matches(text));
  RC_ASSERT(glob.matches(other) == (text == other));
}

RC_GTEST_PROP(Glob, a_walk_never_skips_what_matches, ()) {
  const std::string pattern = *text_of("ab*?/");
  const std::string directory = *rc::gen::nonEmpty(text_of("ab/"));
  const std::string below = *text_of("ab/");
  RC_PRE(!pattern.empty());
  const auto glob = Glob::compile(pattern).value();
  RC_ASSERT(glob.may_match_below(directory) || !glob.matches(directory + "/" + below));
}

RC_GTEST_PROP(Glob, any_bytes_are_compiled_or_refused, (const std::string& bytes)) {
  const std::string pattern = *text_of("a*?[]{},\\!-^/") + bytes;
  const auto glob = Glob::compile(pattern);
  if (glob) glob->matches(bytes);
  RC_ASSERT(glob || glob.error().kind() == ErrorKind::invalid);
}

}  // namespace
}  // namespace pipeline::base
