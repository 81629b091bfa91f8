#include "pipelines/toggle/murmur3.h"
#include "pipelines/toggle/sem_ver.h"

namespace pipeline::toggle {
namespace {

TEST(Murmur3, MatchesThePublishedVectors) {
  EXPECT_EQ(murmur3_x86_32(""), 0U);
  EXPECT_EQ(murmur3_x86_32("", 1), 0x514e28b7U);
  EXPECT_EQ(murmur3_x86_32("", 0xffffffff), 0x81f16f39U);
  EXPECT_EQ(murmur3_x86_32("hello"), 0x248bfa47U);
  EXPECT_EQ(murmur3_x86_32("rollu1"), 0xe31ba8f0U);
  EXPECT_EQ(murmur3_x86_32("hello, world"), 0x149bbb7fU);
  EXPECT_EQ(murmur3_x86_32("The quick brown fox jumps over the lazy dog"), 0x2e4ff723U);
  EXPECT_EQ(murmur3_x86_32(std::string_view("\0\0\0\0", 4)), 0x2362f9deU);
  EXPECT_EQ(murmur3_x86_32("\xff\xff\xff\xff"), 0x76293b50U);
  EXPECT_EQ(murmur3_x86_32("\x21\x43\x65\x87", 0x5082edee), 0x2362f9deU);
  EXPECT_EQ(murmur3_x86_32("\x21\x43\x65"), 0x7e4a8634U);
  EXPECT_EQ(murmur3_x86_32("\x21\x43"), 0xa0f7b07aU);
  EXPECT_EQ(murmur3_x86_32("\x21"), 0x72661cf4U);
}

// flagd's testbed chose these keys so that their hashes sit on the boundaries.
TEST(Murmur3, ReachesTheBoundariesOfTheRange) {
  EXPECT_EQ(murmur3_x86_32("ejOoVL"), 0U);
  EXPECT_EQ(murmur3_x86_32("bY9fO-"), 1U);
  EXPECT_EQ(murmur3_x86_32("SI7p-"), 0x7fffffffU);
  EXPECT_EQ(murmur3_x86_32("6LvT0"), 0x80000000U);
  EXPECT_EQ(murmur3_x86_32("ceQdGm"), 0xffffffffU);
}

SemVer version(std::string_view text) {
  auto parsed = SemVer::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(SemVer{});
}

TEST(SemVer, SortsAsTheStandardSays) {
  // The chain of semver.org 2.0.0, rule 11, and around it.
  const std::vector<std::string> ascending = {"0.9.9",
                                              "1.0.0-0",
                                              "1.0.0-alpha",
                                              "1.0.0-alpha.1",
                                              "1.0.0-alpha.beta",
                                              "1.0.0-beta",
                                              "1.0.0-beta.2",
                                              "1.0.0-beta.11",
                                              "1.0.0-rc.1",
                                              "1.0.0",
                                              "1.2.0",
                                              "1.10.0",
                                              "10.0.0",
                                              "99999999999999999999999.0.0",
                                              "100000000000000000000000.0.0"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(version(ascending[i]) <=> version(ascending[j]), i <=> j)
          << ascending[i] << " and " << ascending[j];
    }
  }
}

TEST(SemVer, FillsInWhatIsMissingAndIgnoresBuilds) {
  EXPECT_EQ(version("v1"), version("1.0.0"));
  EXPECT_EQ(version("V1.2"), version("1.2.0"));
  EXPECT_EQ(version("1.0.0+build.01"), version("1.0.0+other"));
}

TEST(SemVer, RefusesWhatIsNone) {
  for (const auto* text : {"", "v", "a", "1.", ".1", "1.2.3.4", "01.0.0", "1.0.0-", "1.0.0-01",
                           "1.0.0+", "1.0.0-a..b", "1-rc", "1.2-rc", "1.0.0-ä", "not-a-version"}) {
    EXPECT_FALSE(SemVer::parse(text)) << text;
  }
}

TEST(SemVer, KnowsItsOperators) {
  struct Case {
    const char* left;
    const char* operation;
    const char* right;
    std::optional<bool> expected;
  };
  const Case cases[] = {
      {"1.0.0", "=", "1.0.0", true},          {"1.0.0", "!=", "1.0.0", false},
      {"1.0.0", "<", "1.0.1", true},          {"1.0.1", "<=", "1.0.1", true},
      {"1.0.2", ">", "1.0.1", true},          {"1.0.0", ">=", "1.0.1", false},
      {"3.1.0", "^", "3.0.0", true},          {"4.0.0", "^", "3.0.0", false},
      {"3.0.9", "~", "3.0.0", true},          {"3.1.0", "~", "3.0.0", false},
      {"1.0.0", "==", "1.0.0", std::nullopt}, {"1.0.0", "", "1.0.0", std::nullopt},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(compare(version(c.left), c.operation, version(c.right)), c.expected)
        << c.left << c.operation << c.right;
  }
}

}  // namespace
}  // namespace pipeline::toggle
