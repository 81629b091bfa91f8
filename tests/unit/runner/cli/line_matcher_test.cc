#include "runner/cli/line_matcher.h"

#include <gtest/gtest.h>

namespace pipeline::cli {
namespace {

bool matches(const std::string& expression, std::string_view line,
             LetterCase letter_case = LetterCase::counts) {
  const auto matcher = LineMatcher::compile(expression, letter_case);
  EXPECT_TRUE(matcher) << expression;
  return matcher && matcher->matches(line);
}

std::string why(const std::string& expression) {
  const auto matcher = LineMatcher::compile(expression, LetterCase::counts);
  if (matcher) return "accepted";
  EXPECT_EQ(matcher.error().kind(), base::ErrorKind::invalid);
  EXPECT_TRUE(matcher.error().hint());
  return matcher.error().message();
}

TEST(LineMatcher, FindsAnywhereInTheLine) {
  EXPECT_TRUE(matches("err(or)?", "an error here"));
  EXPECT_FALSE(matches("^err", "an error here"));
  EXPECT_TRUE(matches("here$", "an error here"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_FALSE(matches("ERROR", "an error here"));
  EXPECT_TRUE(matches("ERROR", "an error here", LetterCase::ignored));
}

TEST(LineMatcher, SeesWhatAPersonSees) {
  EXPECT_TRUE(matches("error: x", "\x1b[31merror:\x1b[0m x"));
  EXPECT_TRUE(matches("done$", "done\r"));
  EXPECT_TRUE(matches("caf.$", "caf\xc3\xa9"));
  EXPECT_TRUE(matches("after", "\xff\xfe after"));
}

// What makes a backtracking engine take longer than the universe has.
TEST(LineMatcher, TakesTimeLinearInTheLine) {
  std::string line(100'000, 'a');
  line.push_back('b');
  EXPECT_FALSE(matches("^(a+)+$", line));
  EXPECT_FALSE(matches("(x|xx)*y", std::string(1'000'000, 'x')));
}

TEST(LineMatcher, RefusesAndSaysWhere) {
  EXPECT_EQ(why("a(b"), "--grep: missing ), at character 1 of \"a(b\"");
  EXPECT_EQ(why("ab[z-a]"), "--grep: invalid character class range, at character 4 of \"ab[z-a]\"");
  EXPECT_EQ(why("*a"), "--grep: no argument for repetition operator, at character 1 of \"*a\"");
  EXPECT_EQ(why("\xc3\xa9**"), "--grep: bad repetition operator, at character 2 of \"\xc3\xa9**\"");
  EXPECT_EQ(why("a\\"), "--grep: trailing \\, at character 1 of \"a\\\"");
  EXPECT_NE(why("(a{1000}){1000}"), "accepted");
  EXPECT_NE(why("\xff"), "accepted");
}

}  // namespace
}  // namespace pipeline::cli
