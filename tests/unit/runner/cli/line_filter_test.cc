#include "runner/cli/line_filter.h"

#include <gtest/gtest.h>

#include "pipelines/base/text.h"
#include "runner/cli/line_splitter.h"

namespace pipeline::cli {
namespace {

const LineMatcher& x() {
  static const LineMatcher matcher = LineMatcher::compile("x", LetterCase::counts).value();
  return matcher;
}

// One character a line, "-" between groups.
std::string filtered(std::string_view lines, std::size_t context, std::uint64_t skip = 0) {
  LineFilter filter(x(), context);
  filter.skip(skip);
  std::string out;
  for (const char c : lines) {
    filter.take(
        {std::string(1, c), {}}, [&](const LogLine& line) { out += line.text; },
        [&] { out += "-"; });
  }
  return out;
}

TEST(LineFilter, PrintsWhatMatchesAndWhatStandsAround) {
  EXPECT_EQ(filtered("abxcdxe", 0), "xx");
  EXPECT_EQ(filtered("abxcdefxg", 1), "bxc-fxg");
  EXPECT_EQ(filtered("abxcdxg", 1), "bxcdxg");
  EXPECT_EQ(filtered("abxcdexg", 2), "abxcdexg");
  EXPECT_EQ(filtered("xxabc", 1), "xxa");
  EXPECT_EQ(filtered("abc", 3), "");
  EXPECT_EQ(filtered("", 3), "");
}

TEST(LineFilter, SkippedMatchesAreLinesLikeOthers) {
  EXPECT_EQ(filtered("axbxcx", 0, 2), "x");
  EXPECT_EQ(filtered("axbxcx", 2, 2), "xcx");
  EXPECT_EQ(filtered("axbx", 0, 2), "");
}

// As `grep -C` does it: a line is printed when a match is near, groups are those that touch.
TEST(LineFilter, AgreesWithTheDefinition) {
  constexpr int kLines = 10;
  for (unsigned bits = 0; bits < 1U << kLines; ++bits) {
    for (int context = 0; context <= 3; ++context) {
      std::string lines;
      for (int i = 0; i < kLines; ++i)
        lines += (bits >> i & 1U) != 0 ? 'x' : static_cast<char>('a' + i);
      std::string expected;
      int last = -1;
      for (int i = 0; i < kLines; ++i) {
        const int from = std::max(0, i - context);
        const std::string_view around = std::string_view(lines).substr(
            static_cast<std::size_t>(from), static_cast<std::size_t>(i + context + 1 - from));
        if (around.find('x') == std::string_view::npos) continue;
        if (context > 0 && last >= 0 && last + 1 < i) expected += "-";
        expected += lines[static_cast<std::size_t>(i)];
        last = i;
      }
      ASSERT_EQ(filtered(lines, static_cast<std::size_t>(context)), expected) << lines;
    }
  }
}

TEST(LineFilter, HoldsLittleOfLongLines) {
  LineFilter filter(x(), 1000);
  std::size_t printed = 0;
  const auto print = [&](const LogLine& line) { printed += line.text.size(); };
  for (int i = 0; i < 100; ++i) filter.take({std::string(100'000, 'a'), {}}, print, [] {});
  filter.take({"x", {}}, print, [] {});
  EXPECT_LE(printed, (std::size_t{1} << 20U) + 1);
  EXPECT_GT(printed, 900'000U);
}

TEST(LineSplitter, JoinsPiecesToLines) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const auto take = [&](const LogLine& line) { lines.push_back(line.text); };
  log::Piece piece;
  for (const char* bytes : {"a", "b\n\nc", "d\ne"}) {
    piece.bytes = bytes;
    splitter.split(piece, take);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"ab", "", "cd"}));
  splitter.finish(take);
  splitter.finish(take);
  EXPECT_EQ(lines, (std::vector<std::string>{"ab", "", "cd", "e"}));
}

TEST(LineSplitter, ALineWithoutEndComesInParts) {
  LineSplitter splitter;
  std::size_t longest = 0;
  std::size_t bytes = 0;
  const auto take = [&](const LogLine& line) {
    longest = std::max(longest, line.text.size());
    bytes += line.text.size();
  };
  log::Piece piece;
  piece.bytes = std::string(64'000, 'a');
  for (int i = 0; i < 100; ++i) splitter.split(piece, take);
  splitter.finish(take);
  EXPECT_EQ(bytes, 6'400'000U);
  EXPECT_LT(longest, (std::size_t{1} << 20U) + 64'001);
}

}  // namespace
}  // namespace pipeline::cli
