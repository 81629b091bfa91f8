// Included files and templates, through the program.
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

constexpr const char* kMain = R"(name    = "shop"
include = ["pipelines/shared/make.toml"]

[defaults]
timeout = "5m"

[[stage]]
name    = "build"
extends = "make"
env     = { TARGET = "all" }
)";

constexpr const char* kShared = R"([template.make]
run = "echo making $TARGET with $TOOL"
env = { TARGET = "none", TOOL = "make" }
)";

class IncludeTest : public ::testing::Test {
 protected:
  IncludeTest() {
    product_.write("pipeline.toml", kMain);
    product_.write("pipelines/shared/make.toml", kShared);
    product_.commit();
  }
  Product product_;
};

TEST_F(IncludeTest, RunsWhatTheTemplateAndTheStageSayTogether) {
  const auto ran = product_.run({"run"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(product_.run({"logs", "last"}).out.find("making all with make"), std::string::npos);
  // Of the run, whatever became of the file since.
  product_.shell("rm -r pipelines");
  EXPECT_EQ(product_.run({"retry", "last", "--stage", "build"}).exit_code, 0);
}

TEST_F(IncludeTest, ExplainsWhereEachValueComesFrom) {
  const auto explained = product_.run({"plan", "--explain"});
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_TRUE(matches_golden("e2e/plan_explain.txt", product_.normalised(explained.out)));
}

TEST_F(IncludeTest, ShowsTheLineOfTheIncludedFile) {
  product_.write("pipelines/shared/make.toml", "[template.make]\nrnu = \"make\"\n");
  const auto checked = product_.run({"check"});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_TRUE(matches_golden("e2e/include_mistake.txt", product_.normalised(checked.out)));
}

TEST_F(IncludeTest, DoesNotLeaveTheRepository) {
  product_.write("pipeline.toml",
                 "name = \"p\"\ninclude = [\"../outside.toml\"]\n[[stage]]\n"
                 "name = \"a\"\nrun = \"true\"\n");
  product_.write(product_.root() / "outside.toml", "[template.t]\n");
  EXPECT_EQ(product_.run({"check"}).exit_code, 2);
  EXPECT_EQ(product_.run({"run"}).exit_code, 2);
  product_.write("pipeline.toml",
                 "name = \"p\"\ninclude = [\"link.toml\"]\n[[stage]]\n"
                 "name = \"a\"\nrun = \"true\"\n");
  product_.shell("ln -s " + (product_.root() / "outside.toml").string() + " link.toml");
  EXPECT_EQ(product_.run({"check"}).exit_code, 2);
  EXPECT_EQ(product_.run({"run"}).exit_code, 2);
}

}  // namespace
}  // namespace pipeline::e2e
