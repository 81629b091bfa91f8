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

}  // namespace
}  // namespace pipeline::base
