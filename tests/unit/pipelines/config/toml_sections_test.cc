#include "pipelines/config/toml_sections.h"

#include <gtest/gtest.h>

namespace pipeline::config {
namespace {

std::string blanked(std::string text, std::uint32_t line) {
  return blank_section(text, line) ? text : "is a header";
}

TEST(TomlSections, BlanksWhatStandsBetweenTwoHeaders) {
  EXPECT_EQ(blanked("a = 1\n[b]\nc\nd\n[[e]] # x\nf\n", 3), "a = 1\n[b]\n \n \n[[e]] # x\nf\n");
  EXPECT_EQ(blanked("a = 1\n[b]\nc\nd\n[[e]] # x\nf\n", 6), "a = 1\n[b]\nc\nd\n[[e]] # x\n \n");
  EXPECT_EQ(blanked("aa\nb\n[c]\nd", 2), "  \n \n[c]\nd");
}

TEST(TomlSections, TakesALineOfAListForNoHeader) {
  EXPECT_EQ(blanked("[a]\nb = [\n [1, 2],\n]\n[c]\n", 2), "[a]\n     \n        \n \n[c]\n");
}

TEST(TomlSections, LeavesHeadersAlone) {
  EXPECT_EQ(blanked("[a]\nb = 1\n", 1), "is a header");
  EXPECT_EQ(blanked("[[a]\nb = 1\n", 1), "is a header");
  EXPECT_EQ(blanked("a\n", 0), "is a header");
  EXPECT_EQ(blanked("a\n", 9), "is a header");
}

}  // namespace
}  // namespace pipeline::config
