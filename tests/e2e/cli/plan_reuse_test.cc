// `pipeline plan` tells which results would be used again, and what keeps others from it.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

constexpr const char* kPipeline = R"(name = "shop"

[[stage]]
name    = "build"
run     = "mkdir -p out && cat src/*.txt > out/all"
inputs  = ["src/**"]
outputs = ["out/"]
env     = { MODE = "fast" }

[[stage]]
name    = "check"
run     = "test -s out/all"
inputs  = ["check.txt"]
)";

class PlanReuse : public ::testing::Test {
 protected:
  PlanReuse() {
    product_.write("pipeline.toml", kPipeline);
    product_.write("src/a.txt", "a");
    product_.write("src/b.txt", "b");
    product_.write("check.txt", "");
    product_.commit();
  }
  // The lines that speak of reuse.
  std::string plan() {
    std::string lines;
    const auto planned = product_.run({"plan"});
    EXPECT_EQ(planned.exit_code, 0) << planned.err;
    for (std::size_t at = 0; (at = planned.out.find("- reuse: ", at)) != std::string::npos;) {
      const std::size_t end = planned.out.find('\n', at);
      lines += planned.out.substr(at, end - at) + "\n";
      at = end;
    }
    return lines;
  }
  void run() { EXPECT_EQ(product_.run({"run"}).exit_code, 0); }
  Product product_;
};

TEST_F(PlanReuse, SaysThatThereIsNothingYet) {
  EXPECT_EQ(plan(), "- reuse: there is no earlier success\n- reuse: there is no earlier success\n");
}

TEST_F(PlanReuse, NamesTheRunWhoseResultIsUsed) {
  run();
  EXPECT_EQ(plan(), "- reuse: the result of run 1 is used\n- reuse: the result of run 1 is used\n");
}

TEST_F(PlanReuse, TellsWhatChangedAndWhatFollowsFromIt) {
  run();
  product_.write("src/a.txt", "other");
  product_.write("src/c.txt", "new");
  product_.shell("rm src/b.txt");
  std::string text = kPipeline;
  text.replace(text.find("fast"), 4, "slow");
  product_.write("pipeline.toml", text);
  const auto planned = product_.run({"plan"});
  EXPECT_TRUE(matches_golden("e2e/plan_reuse.txt", product_.normalised(planned.out)));
}

TEST_F(PlanReuse, ComparesWithTheNewestSuccess) {
  run();
  product_.write("src/a.txt", "other");
  run();
  product_.write("src/b.txt", "other");
  EXPECT_EQ(plan().substr(0, 48), "- reuse: since run 2: src/b.txt changed\n- reuse:");
}

TEST_F(PlanReuse, DependsOnTheToolsThatTheStageNames) {
  const auto tools = product_.root() / "tools";
  product_.write(tools / "compile", "#!/bin/sh\n");
  std::filesystem::permissions(tools / "compile", std::filesystem::perms::owner_all);
  product_.write("pipeline.toml",
                 "name = \"shop\"\n[[stage]]\nname = \"build\"\nrun = \"true\"\n"
                 "inputs = [\"src/**\"]\ntools = [\"compile\", \"not-there\"]\n"
                 "env = { PATH = \"/usr/bin:/bin:" +
                     tools.string() + "\" }\n");
  run();
  EXPECT_EQ(plan(), "- reuse: the result of run 1 is used\n");
  product_.write(tools / "compile", "#!/bin/sh\n# version 2\n");
  EXPECT_EQ(plan(), "- reuse: since run 1: tool compile changed\n");
  const auto ran = product_.run({"run"});
  EXPECT_NE(ran.out.find("build: succeeded"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace pipeline::e2e
