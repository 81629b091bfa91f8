#include "runner/cli/env_file.h"

namespace pipeline::cli {
namespace {

using Values = std::map<std::string, std::string>;

TEST(EnvFile, ReadsNamesAndValues) {
  EXPECT_EQ(parse_env_file("A=1\n\n# comment\n  B = two words \nC=a=b\nD=\n").value(),
            (Values{{"A", "1"}, {"B", "two words"}, {"C", "a=b"}, {"D", ""}}));
}

TEST(EnvFile, TakesQuotesOffButExpandsNothing) {
  EXPECT_EQ(parse_env_file("A=\" x \"\nB='$HOME'\nC='open\n").value(),
            (Values{{"A", " x "}, {"B", "$HOME"}, {"C", "'open"}}));
}

TEST(EnvFile, NamesTheLineButNeverTheValue) {
  for (const char* text : {"A=1\nhunter2\n", "A=1\n2B=hunter2\n", "A=1\n=hunter2\n"}) {
    const auto values = parse_env_file(text);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().to_string(), "line 2 is not NAME=VALUE");
  }
}

}  // namespace
}  // namespace pipeline::cli
