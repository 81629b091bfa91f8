#include "runner/cli/env_file.h"

namespace pipeline::cli {
namespace {

using Values = std::map<std::string, std::string>;

TEST(EnvFile, ReadsNamesAndValues) {
  EXPECT_EQ(parse_env_file("A=123456\n\n# comment\n  B = two words \nC=long=er\n").value(),
            (Values{{"A", "123456"}, {"B", "two words"}, {"C", "long=er"}}));
}

TEST(EnvFile, TakesQuotesOffButExpandsNothing) {
  EXPECT_EQ(parse_env_file("A=\" spaces \"\nB='$HOME/x'\nC='opened\n").value(),
            (Values{{"A", " spaces "}, {"B", "$HOME/x"}, {"C", "'opened"}}));
}

TEST(EnvFile, NamesTheLineButNeverTheValue) {
  for (const char* text :
       {"A=123456\nhunter2\n", "A=123456\n2B=hunter2\n", "A=123456\n=hunter2\n"}) {
    const auto values = parse_env_file(text);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().to_string(), "line 2 is not NAME=VALUE");
  }
}

TEST(EnvFile, RefusesWhatCouldNotBeHidden) {
  for (const char* text : {"A=123456\nPIN=4711\n", "A=123456\nPIN=\n", "A=123456\nPIN='12345'\n"}) {
    const auto values = parse_env_file(text);
    ASSERT_FALSE(values) << text;
    EXPECT_EQ(values.error().kind(), base::ErrorKind::invalid);
    EXPECT_EQ(values.error().to_string(),
              "line 2: PIN is shorter than 6 bytes, too short to be hidden in a log");
    EXPECT_TRUE(values.error().hint());
  }
}

}  // namespace
}  // namespace pipeline::cli
