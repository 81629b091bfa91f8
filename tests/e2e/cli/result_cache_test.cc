// Stages with `inputs`: when an earlier result is used again, and when it must not be.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::Product;

std::string stage_with(const std::string& run) {
  return "name = \"demo\"\n[[stage]]\nname = \"version\"\nrun = '''" + run +
         "'''\ninputs = [\"scripts/**\"]\noutputs = [\"out/\"]\n"
         "[[stage]]\nname = \"print\"\nrun = \"cat out/version\"\n";
}

constexpr const char* kScript = "mkdir out\necho \"[$GIT_COMMIT]\" > out/version\n";

class ResultCache : public testing::Test {
 protected:
  void commit(const std::string& pipeline) {
    product_.write("pipeline.toml", pipeline);
    product_.write("scripts/v.sh", kScript);
    product_.write("README", std::to_string(++commits_));
    product_.commit();
  }
  std::string run(std::vector<std::string> arguments = {"run"}) {
    const auto ran = product_.run(std::move(arguments));
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    return ran.out;
  }
  std::string version(int run) { return product_.run({"logs", std::to_string(run), "print"}).out; }
  static bool is_cached(const std::string& out) { return out.find("cached") != std::string::npos; }

  Product product_;
  int commits_ = 0;
};

TEST_F(ResultCache, AScriptCannotSeeTheCommitThatItsStageDoesNotSpell) {
  const std::string pipeline = stage_with("sh scripts/v.sh");
  commit(pipeline);
  EXPECT_FALSE(is_cached(run()));
  EXPECT_EQ(version(1), "[]\n");
  commit(pipeline);
  EXPECT_TRUE(is_cached(run()));
  EXPECT_EQ(version(2), "[]\n") << "and not the first commit's";
}

TEST_F(ResultCache, AStageThatSpellsTheCommitRunsForEachCommit) {
  const std::string pipeline = stage_with("sh scripts/v.sh # $GIT_COMMIT");
  for (const int number : {1, 2}) {
    commit(pipeline);
    EXPECT_FALSE(is_cached(run()));
    std::string id = product_.git({"rev-parse", "HEAD"});
    id.erase(id.find_last_not_of('\n') + 1);
    EXPECT_EQ(version(number), "[" + id + "]\n");
  }
  EXPECT_TRUE(is_cached(run())) << "the same commit again";
}

TEST_F(ResultCache, WhatRanWithoutASandboxIsNotUsedInOne) {
  product_.write("../on-this-machine", "");
  commit(stage_with("mkdir out; if test -e " + (product_.root() / "on-this-machine").string() +
                    "; then echo host; else echo sandbox; fi > out/version"));
  EXPECT_FALSE(is_cached(run({"run", "--sandbox=none"})));
  EXPECT_EQ(version(1), "host\n");
  EXPECT_FALSE(is_cached(run()));
  EXPECT_EQ(version(2), "sandbox\n");
  EXPECT_TRUE(is_cached(run()));
  EXPECT_FALSE(is_cached(run({"run", "--sandbox=none"})));
  EXPECT_EQ(version(4), "host\n");
}

}  // namespace
}  // namespace pipeline::e2e
