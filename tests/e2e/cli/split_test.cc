// A stage that runs in several parts, through the program.
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

// Each part reports, for every file it was given, a test that took as long as the file says.
constexpr const char* kSplit = R"toml(name = "shop"

[[stage]]
name    = "unit"
kind    = "unit"
split   = { total = 2, files = "tests/*_test.sh" }
run     = '''
echo "part $SPLIT_INDEX of $SPLIT_TOTAL"
printf '<testsuite name="s">' > junit.xml
for file in $SPLIT_FILES; do
  printf '<testcase name="ok" classname="c" file="%s" time="%s"/>' "$file" "$(cat "$file")" >> junit.xml
done
printf '</testsuite>' >> junit.xml
printf '%s\n' "$SPLIT_FILES"'''
reports = { junit = ["junit.xml"] }
)toml";

void write_shop(Product& product) {
  product.write("pipeline.toml", kSplit);
  product.write("tests/a_test.sh", "1");
  product.write("tests/b_test.sh", "2");
  product.write("tests/c_test.sh", "9");
  product.write("tests/d_test.sh", "4");
  product.commit();
}

TEST(Split, DealsOutTheFilesAndThenBalancesThemByMeasuredDurations) {
  Product product;
  write_shop(product);
  const auto first = product.run({"run", "--jobs", "1"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_TRUE(matches_golden("e2e/split_first_run.txt", product.normalised(first.out)));
  const auto dealt = product.run({"logs", "last", "unit[split=1/2]"});
  EXPECT_NE(dealt.out.find("part 1 of 2\n"), std::string::npos) << dealt.out << dealt.err;
  EXPECT_NE(dealt.out.find("tests/a_test.sh\ntests/c_test.sh\n"), std::string::npos) << dealt.out;

  const auto planned = product.run({"plan"});
  EXPECT_TRUE(matches_golden("e2e/split_plan.txt", product.normalised(planned.out)));
  EXPECT_EQ(product.run({"run", "--jobs", "1"}).exit_code, 0);
  const auto longest = product.run({"logs", "last", "unit[split=1/2]"});
  EXPECT_NE(longest.out.find("part 1 of 2\ntests/c_test.sh\n"), std::string::npos) << longest.out;
  const auto rest = product.run({"logs", "last", "unit[split=2/2]"});
  EXPECT_NE(rest.out.find("tests/a_test.sh\ntests/b_test.sh\ntests/d_test.sh\n"), std::string::npos)
      << rest.out;
}

TEST(Split, OnePartCanBeRunAlone) {
  Product product;
  write_shop(product);
  const auto ran = product.run({"run", "--stage", "unit[split=2/2]"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("unit[split=2/2]: succeeded"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("split=1/2"), std::string::npos) << ran.out;
}

TEST(Split, WithNothingToDivideTheRunIsRefused) {
  Product product;
  product.write("pipeline.toml", kSplit);
  product.commit();
  const auto ran = product.run({"run"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/split_no_files.txt", product.normalised(ran.err)));
}

}  // namespace
}  // namespace pipeline::e2e
