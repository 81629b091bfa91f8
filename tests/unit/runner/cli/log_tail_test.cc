#include "runner/cli/log_tail.h"

namespace pipeline::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(LastLines, AreTheLastOnesOldestFirst) {
  EXPECT_EQ(last_lines("a\nb\nc\n", 2), (Lines{"b", "c"}));
  EXPECT_EQ(last_lines("a\nb\nc", 2), (Lines{"b", "c"}));
  EXPECT_EQ(last_lines("a\n", 5), (Lines{"a"}));
  EXPECT_EQ(last_lines("", 5), Lines{});
  EXPECT_EQ(last_lines("a\n\nb\n", 5), (Lines{"a", "", "b"}));
}

TEST(LastLines, ShowWhatAProgressBarShowedLast) {
  EXPECT_EQ(last_lines("10%\r50%\r100%\n", 1), (Lines{"100%"}));
  EXPECT_EQ(last_lines("10%\r50%\r", 1), (Lines{"50%"}));
  EXPECT_EQ(last_lines("dos\r\n", 1), (Lines{"dos"}));
}

TEST(LastLines, CommandNoTerminal) {
  EXPECT_EQ(last_lines("\x1b[31mred\x1b[0m\x07\n", 1), (Lines{"red"}));
}

}  // namespace
}  // namespace pipeline::cli
