#include "pipelines/plan/result_manifest.h"

#include <gtest/gtest.h>

namespace pipeline::plan {
namespace {

using Phrases = std::vector<std::string>;

const ResultManifest kBefore = {{"command", "1", "make"},   {"variable", "CC", "gcc"},
                                {"file", "src/a.cc", "aa"}, {"file", "src/b.cc", "bb"},
                                {"tool", "g++", "12.2"},    {"work directory", "", "src"}};

TEST(ResultManifest, IsReadAsItWasWritten) {
  EXPECT_EQ(manifest_from(to_text(kBefore)), kBefore);
  EXPECT_EQ(manifest_from(to_text({})), ResultManifest{});
  const ResultManifest odd = {{"file", "a:b\nc", std::string("\0x", 2)}};
  EXPECT_EQ(manifest_from(to_text(odd)), odd);
}

TEST(ResultManifest, RefusesWhatItDidNotWrite) {
  for (const char* text : {"x", "3:ab", "1:a", "1:a1:b", "-1:a", "99999999999999999999:a", ":"}) {
    const auto read = manifest_from(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt);
  }
}

TEST(ResultManifest, TellsWhatIsDifferent) {
  ResultManifest now = kBefore;
  now[1].value = "clang";
  now[2].value = "cc";
  now[3].name = "src/c.cc";
  now[4].value = "13.1";
  now[5].value = "";
  EXPECT_EQ(differences(kBefore, now, 10),
            (Phrases{"src/a.cc changed", "src/c.cc is new", "tool g++ changed",
                     "variable CC was \"gcc\", is \"clang\"", "the work directory changed",
                     "src/b.cc is gone"}));
}

TEST(ResultManifest, SaysNothingOfWhatIsTheSame) {
  EXPECT_EQ(differences(kBefore, kBefore, 10), Phrases{});
}

TEST(ResultManifest, CountsWhatIsTooMuch) {
  EXPECT_EQ(differences({}, kBefore, 2),
            (Phrases{"command 1 is new", "src/a.cc is new", "4 more"}));
}

}  // namespace
}  // namespace pipeline::plan
